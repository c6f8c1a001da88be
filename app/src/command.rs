//! Every command of the window, once: menus, command palette, shortcuts, tooltips and the
//! shortcut sheet are all made from this table.

use egui::{Key, KeyboardShortcut, Modifiers};

use crate::keymap;

use crate::tools::ToolKind;

/// Declares the commands by group: name, text, tooltip (which is also its documentation), keys.
macro_rules! commands {
    ($($group:ident { $($name:ident $text:literal $tooltip:literal [$($key:expr),*])* })*) => {
        /// What a person can ask for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Command {
            $($(#[doc = $tooltip] $name,)*)*
        }

        impl Command {
            /// Every command, in the order of the menus.
            pub const ALL: &'static [Self] = &[$($(Self::$name,)*)*];

            /// Its name in menus, in sentence case.
            pub fn text(self) -> &'static str {
                match self { $($(Self::$name => $text,)*)* }
            }

            /// What it does, in a sentence.
            pub fn tooltip(self) -> &'static str {
                match self { $($(Self::$name => $tooltip,)*)* }
            }

            /// Its keys unless a preset or the person chose others; the first is the one shown.
            pub fn shortcuts(self) -> &'static [KeyboardShortcut] {
                match self { $($(Self::$name => const { &[$($key),*] },)*)* }
            }

            fn variant(self) -> &'static str {
                match self { $($(Self::$name => stringify!($name),)*)* }
            }

            /// The menu it stands in.
            pub fn group(self) -> Group {
                match self { $($(Self::$name => Group::$group,)*)* }
            }
        }
    };
}

/// The menus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    /// Projects, models, datasets.
    File,
    /// Changing labels.
    Edit,
    /// Tools.
    Tool,
    /// Walking through the images.
    Image,
    /// What the canvas shows.
    View,
    /// The network's work.
    Model,
    /// Finding one's way.
    Help,
}

impl Group {
    /// Every menu, from left to right.
    pub const ALL: [Self; 7] = [
        Self::File,
        Self::Edit,
        Self::Tool,
        Self::Image,
        Self::View,
        Self::Model,
        Self::Help,
    ];

    /// The menu's title.
    pub fn title(self) -> &'static str {
        match self {
            Self::File => "File",
            Self::Edit => "Edit",
            Self::Tool => "Tool",
            Self::Image => "Image",
            Self::View => "View",
            Self::Model => "Model",
            Self::Help => "Help",
        }
    }

    /// The commands in it.
    pub fn commands(self) -> impl Iterator<Item = Command> {
        Command::ALL
            .iter()
            .copied()
            .filter(move |command| command.group() == self)
    }
}

commands! {
    File {
        OpenFolder "Open folder..." "Open a folder of images" [ctrl(Key::O)]
        OpenDemo "Open demo" "Draw a few street scenes and open them" []
        CloseProject "Close project" "Go back to the start page" [ctrl(Key::W)]
        Save "Save now" "Write everything to disk now; it is also saved as you work" [ctrl(Key::S)]
        Export "Export..." "Write the labels as a dataset that trainers read" [ctrl(Key::E)]
        Report "Report" "Compare what the model says with your labels and open the report" [ctrl_shift(Key::E)]
        Quit "Quit" "Close the window" [ctrl(Key::Q)]
    }
    Edit {
        Undo "Undo" "Take back the last change of this image" [ctrl(Key::Z)]
        Redo "Redo" "Do again what was taken back" [ctrl_shift(Key::Z), ctrl(Key::Y)]
        Confirm "Confirm" "Fill the polygon, keep what was found, apply the mask operation" [key(Key::Enter)]
        Cancel "Cancel" "Leave the gesture or the dialog without a change" [key(Key::Escape)]
        DropVertex "Drop last vertex" "Take back the polygon's last vertex, or the last click" [key(Key::Backspace)]
        BrushSmaller "Smaller brush" "Make the brush a step smaller; also superpixels, and the wand's tolerance" [key(Key::OpenBracket)]
        BrushLarger "Larger brush" "Make the brush a step larger; also superpixels, and the wand's tolerance" [key(Key::CloseBracket)]
        BrushMuchSmaller "Much smaller brush" "Make the brush 10 pixels smaller; also superpixels, and the wand's tolerance" [shift(Key::OpenBracket), key(Key::OpenCurlyBracket)]
        BrushMuchLarger "Much larger brush" "Make the brush 10 pixels larger; also superpixels, and the wand's tolerance" [shift(Key::CloseBracket), key(Key::CloseCurlyBracket)]
        SnapToEdges "Snap to edges" "Move the borders of the labels to the edges of the image; the mask operations show it first and set how far" [ctrl_shift(Key::X)]
        SwapClass "Previous class" "Swap with the class used before" [key(Key::X)]
        PickClass "Pick class" "Take the class under the pointer" [key(Key::I)]
        FindClass "Find class..." "Choose a class by name" [key(Key::Slash)]
        LockClass "Lock class" "Lock or unlock the class under the pointer, else the current one" [key(Key::K)]
        HideClass "Hide class" "Hide the current class, or show it again" [shift(Key::H)]
        SoloClass "Only this class" "Show the current class alone, or all classes again" [shift(Key::I)]
        OnlyOver "Paint only over class" "Paint only over the class under the pointer, or over everything again" [shift(Key::O)]
        RelabelClass "Relabel class" "Give every pixel of the class under the pointer the current class, in the selection where there is one" [shift(Key::G)]
        RelabelSelection "Relabel selection" "Give every pixel of the selection the current class" [alt(Key::Backspace)]
        Deselect "Deselect" "Take the selection away" [ctrl(Key::D)]
        CopyPrevious "Copy labels from previous image" "Take over the label map of the image before this one, scaled to its size" [ctrl(Key::B)]
        MaskOperations "Mask operations..." "Grow, shrink, smooth, fill holes, remove specks, swap classes, snap to edges" [shift(Key::M)]
        LockOthers "Lock other classes" "Lock all classes but the current one, or unlock them" [shift(Key::K)]
    }
    Tool {
        Select "Select" "Move the view; click to take a class" [key(Key::V)]
        Brush "Brush" "Paint the current class; right button erases" [key(Key::B)]
        Eraser "Eraser" "Paint void" [key(Key::E)]
        Polygon "Polygon" "Click vertices, drag them, Enter fills" [key(Key::P)]
        Lasso "Lasso" "Draw around an area" [key(Key::L)]
        Rectangle "Rectangle" "Drag from corner to corner" [key(Key::M)]
        Fill "Fill" "Give what lies under a click the current class" [key(Key::G)]
        Wand "Magic wand" "Take what has nearly the clicked colour; drag sideways for more or less" [key(Key::W)]
        Superpixels "Superpixels" "Paint small regions that keep to the image's edges" [shift(Key::W)]
        SmartClick "Smart click" "Click or drag over what is to have the class, right button on what is not" [key(Key::S)]
        GrabCut "GrabCut" "Drag a rectangle around something; Enter keeps what stands out in it" [shift(Key::S)]
        Magnetic "Magnetic polygon" "Let the polygon follow the edges of the image from click to click; Ctrl+click sets a vertex freely" [shift(Key::P)]
    }
    Image {
        NextImage "Next image" "Go to the next image" [key(Key::D), key(Key::ArrowRight), key(Key::PageDown)]
        PreviousImage "Previous image" "Go to the previous image" [key(Key::A), key(Key::ArrowLeft), key(Key::PageUp)]
        NextUncertain "Next uncertain" "Go to the most uncertain image that is not reviewed" [key(Key::N)]
        PreviousUncertain "Previous uncertain" "Go back in the queue of uncertain images" [shift(Key::N)]
        MarkReviewed "Mark reviewed" "Mark this image as reviewed and go on with the next" [ctrl(Key::Enter)]
        FilterImages "Filter images..." "Type which images the film strip shows" [ctrl(Key::F)]
        SelectAll "Select all images" "Choose every image of the film strip" [ctrl(Key::A)]
        ExtendDown "Select one more below" "Choose the next image of the film strip too" [shift(Key::ArrowDown)]
        ExtendUp "Select one more above" "Choose the image before in the film strip too" [shift(Key::ArrowUp)]
        ReviewSelected "Mark selected reviewed" "Mark the chosen images as reviewed" [ctrl_shift(Key::Enter)]
        UnreviewSelected "Mark selected not reviewed" "Take back that the chosen images are reviewed" []
        ExcludeSelected "Exclude from export" "Leave the chosen images out of exports" [shift(Key::E)]
        IncludeSelected "Include in export" "Take the chosen images into exports again" [alt(Key::E)]
        UndoExclusion "Undo exclude or include" "Take back what was last excluded from export or included" []
        PredictSelected "Predict selected" "Label the chosen images that you have not touched with the model" []
        DeleteLabels "Delete labels" "Delete the labels of the chosen images; it can be taken back" [ctrl(Key::Delete)]
        RestoreLabels "Restore deleted labels" "Bring back the labels that were deleted last" []
        SortByName "Sort by name" "Order the film strip by name" []
        SortByUncertainty "Sort by uncertainty" "Order the film strip by what most wants a look: the most uncertain predictions first" []
        SortByDisagreement "Sort by disagreement" "Order the film strip by how much the model differs from your labels" []
        SortByChange "Sort by time changed" "Order the film strip by what was changed last" []
    }
    View {
        Fit "Fit" "Show the whole image" [key(Key::F), ctrl(Key::Num0)]
        ActualSize "Actual size" "Show one image pixel on one screen pixel" [ctrl(Key::Num1)]
        ZoomIn "Zoom in" "Show the image larger" [key(Key::Plus), key(Key::Equals), ctrl(Key::Plus), ctrl(Key::Equals)]
        ZoomOut "Zoom out" "Show the image smaller" [key(Key::Minus), ctrl(Key::Minus)]
        PanLeft "Pan left" "Move the view to the left" [alt(Key::ArrowLeft)]
        PanRight "Pan right" "Move the view to the right" [alt(Key::ArrowRight)]
        PanUp "Pan up" "Move the view up" [alt(Key::ArrowUp)]
        PanDown "Pan down" "Move the view down" [alt(Key::ArrowDown)]
        ToggleMinimap "Minimap" "Show or hide the small image in the corner while zoomed in" [key(Key::F9)]
        ToggleLabels "Labels" "Show or hide the labels; hold the key for a look at the image" [key(Key::H)]
        PeekPrediction "Look at prediction" "Show what the model said while the key is held" [key(Key::C)]
        PeekBefore "Look at labels before" "Show the labels as they were when the image was opened or last predicted, while the key is held" [shift(Key::C)]
        ToggleOutline "Outlines" "Show outlines instead of areas" [key(Key::O)]
        LessOpacity "Less opacity" "Make the labels more transparent" [key(Key::Comma)]
        MoreOpacity "More opacity" "Make the labels more opaque" [key(Key::Period)]
        LessClassOpacity "Less class opacity" "Make the current class more transparent" [shift(Key::Comma)]
        MoreClassOpacity "More class opacity" "Make the current class more opaque" [shift(Key::Period)]
        ToggleConfidence "Confidence" "Show where the model is uncertain" [key(Key::U)]
        ToggleDisagreement "Disagreement" "Show where the labels differ from the prediction, in stripes of both classes" [shift(Key::U)]
        TogglePixelGrid "Pixel grid" "Show or hide lines between pixels when they are large" [ctrl(Key::Quote)]
        Tones "Image tones" "Change brightness, contrast and gamma, for the eye only" [ctrl(Key::L)]
        ResetTones "Reset image tones" "Show the image in its own colours" [ctrl_shift(Key::L)]
        ToggleImages "Film strip" "Show or hide the film strip" [ctrl_shift(Key::B)]
        ToggleSide "Side panel" "Show or hide classes, inspector and model" [ctrl_shift(Key::S)]
        ToggleHistory "History" "Show what was done to this image, or the classes" [ctrl_shift(Key::H)]
        ToggleTheme "Light or dark" "Change between the light and the dark theme" []
    }
    Model {
        PredictImage "Predict image" "Label this image with the model" [key(Key::R)]
        PredictFolder "Predict folder" "Label every image that you have not touched" [shift(Key::R)]
        ToggleCrf "Refine along edges" "Refine predictions along the edges of the image by a dense CRF; it takes longer" []
        FineTune "Fine-tune..." "Train the model on the images you corrected" [ctrl(Key::T)]
        Stop "Stop" "Stop what is running, after the current step" [ctrl(Key::Period)]
        Models "Models..." "Show the published models: download one, or take one that is here" [ctrl_shift(Key::M)]
        ChooseModel "Choose model..." "Take a model from a file" [ctrl(Key::M)]
        EmbeddedModel "Use embedded model" "Take the model that knows the demo scenes" []
    }
    Help {
        Palette "Command palette" "Find a command by its name" [ctrl(Key::K), ctrl(Key::P)]
        Shortcuts "Keyboard shortcuts" "Show every key" [key(Key::F1), key(Key::Questionmark)]
        Tour "Tour" "Go once around: open, predict, paint, undo, fine-tune, export" []
        CustomiseKeys "Customise keys..." "Choose other keys, or those of another program" [ctrl_shift(Key::K)]
    }
}

const fn key(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::NONE, key)
}

const fn ctrl(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND, key)
}

const fn shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::SHIFT, key)
}

const fn alt(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::ALT, key)
}

const fn ctrl_shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), key)
}

impl Command {
    /// Its name in files: "next_image".
    pub fn id(self) -> String {
        let mut id = String::new();
        for letter in self.variant().chars() {
            if letter.is_ascii_uppercase() && !id.is_empty() {
                id.push('_');
            }
            id.push(letter.to_ascii_lowercase());
        }
        id
    }

    /// The command of that name in files.
    pub fn of_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|command| command.id() == id)
    }

    /// Its name where nothing follows: without the dots of a command that asks for more.
    pub fn title(self) -> &'static str {
        self.text().trim_end_matches('.')
    }

    /// All its keys in force as people write them.
    pub fn all_keys(self, context: &egui::Context) -> Vec<String> {
        let is_mac = context.os().is_mac();
        let keymap = keymap::in_force(context);
        let shortcuts = keymap.shortcuts(self).iter();
        shortcuts
            .map(|shortcut| keymap::chord_text(shortcut, is_mac))
            .collect()
    }

    /// The tool that it takes into the hand.
    pub fn tool(self) -> Option<ToolKind> {
        Some(match self {
            Self::Select => ToolKind::Select,
            Self::Brush => ToolKind::Brush,
            Self::Eraser => ToolKind::Eraser,
            Self::Polygon => ToolKind::Polygon,
            Self::Lasso => ToolKind::Lasso,
            Self::Rectangle => ToolKind::Rectangle,
            Self::Fill => ToolKind::Fill,
            Self::Wand => ToolKind::Wand,
            Self::Superpixels => ToolKind::Superpixels,
            Self::SmartClick => ToolKind::SmartClick,
            Self::GrabCut => ToolKind::GrabCut,
            _ => return None,
        })
    }

    /// Its first keys in force as people write them, "Ctrl+Shift+Z"; empty without keys.
    pub fn keys(self, context: &egui::Context) -> String {
        self.all_keys(context)
            .into_iter()
            .next()
            .unwrap_or_default()
    }

    /// The tooltip with the keys behind it.
    pub fn tooltip_with_keys(self, context: &egui::Context) -> String {
        with_keys(self.tooltip(), &[self], context)
    }
}

/// A tooltip with the keys of these commands behind it: "The brush's diameter ([ and ])".
pub fn with_keys(tooltip: &str, commands: &[Command], context: &egui::Context) -> String {
    let keys = commands.iter().map(|command| command.keys(context));
    let keys: Vec<String> = keys.filter(|keys| !keys.is_empty()).collect();
    if keys.is_empty() {
        tooltip.to_owned()
    } else {
        format!("{tooltip} ({})", keys.join(" and "))
    }
}

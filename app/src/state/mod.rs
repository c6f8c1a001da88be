//! What the window shows, as plain data. Panels read it; only `commands` changes it.

mod classes;
mod counts;
mod dialog;
mod document;
mod images;
mod jobs;
mod model;
mod operation;
mod project;
mod queue;
mod reason;
mod relabellings;
mod run;
mod searches;
mod selection;
mod settings;
mod slots;
mod strip;
mod superpixels;
mod thumbnails;
mod tour;
mod view;
mod zoo;

pub use classes::Classes;
pub use counts::Counts;
pub use dialog::{Dialog, ExportForm, KeyConflict, KeyOwner, KeysForm, ResultCard, TrainForm};
pub use document::Document;
pub use images::Images;
pub use jobs::{Jobs, Running, Task};
pub use model::{ModelCard, ModelChoice, ModelState, PredictWith};
pub use operation::{CERTAINTIES, CERTAINTY, MaskOperation, OperationForm, OperationKind};
pub use project::{Exclusion, OpenProject};
pub use queue::Queue;
pub use relabellings::{AskedRelabelling, Relabellings};
pub use run::Run;
pub use searches::Searches;
pub use selection::{Choosing, Selection};
pub use settings::{LARGEST_BRUSH, Look, SUPERPIXEL_SIDES, Settings};
pub use slots::{SLOTS, Slots, key_text};
pub use strip::{Order, Strip};
pub use superpixels::{Cut, CutKey, Cuts};
pub use thumbnails::{Thumbnail, Thumbnails};
pub use tour::{Tour, TourStep};
pub use view::{Peek, View};
pub use zoo::{ModelsForm, ZooState};

use std::path::PathBuf;
use std::sync::Arc;

use atrous_engine::mask::LabelMap;
use atrous_engine::project::{ImageId, ImageRecord};
use atrous_engine::zoo::Zoo;

use crate::command::{Command, Group};
use crate::keymap::Keymap;
use crate::tools::{SelectedArea, Tool, ToolKind};
use crate::tune::Stopped;

/// Everything the window shows.
pub struct State {
    /// What is remembered between starts.
    pub settings: Settings,
    /// The open project; none is the start page.
    pub project: Option<OpenProject>,
    /// A folder that is opened once the model is read: a new project takes its classes.
    pub waiting: Option<PathBuf>,
    /// The image on the canvas.
    pub document: Option<Document>,
    /// The classes and what is hidden and locked.
    pub classes: Classes,
    /// Modes of the canvas.
    pub view: View,
    /// The tool in the hand.
    pub tool: Tool,
    /// What the tool has looked for behind the window.
    pub searches: Searches,
    /// Images in superpixels.
    pub cuts: Cuts,
    /// The image and model for which the network was last asked what it thinks of every class.
    pub asked: Option<(ImageId, ModelChoice)>,
    /// Fills and relabelling that are computed behind the window.
    pub relabellings: Relabellings,
    /// The mask operation that is shown before it is applied.
    pub operation: Option<MaskOperation>,
    /// The last mask operation, for the next time.
    pub operation_form: OperationForm,
    /// The model that predicts.
    pub model: ModelState,
    /// The published models.
    pub zoo: ZooState,
    /// What runs behind the window.
    pub jobs: Jobs,
    /// The fine-tuning under way, or the last one.
    pub run: Option<Run>,
    /// A fine-tuning that was stopped and can go on.
    pub stopped_run: Option<Box<Stopped>>,
    /// The dialog over the window.
    pub dialog: Option<Dialog>,
    /// The last fine-tuning settings, for the next time.
    pub train_form: TrainForm,
    /// The tour under way.
    pub tour: Option<Tour>,
    /// The keys in force.
    pub keymap: Arc<Keymap>,
    /// The compute device's name, once it is open.
    pub device: Option<String>,
}

impl State {
    /// The state of a window that has just opened.
    pub fn new(settings: Settings, zoo: Option<Zoo>) -> Self {
        let model = ModelState {
            choice: ModelChoice::remembered(&settings, zoo.as_ref()),
            card: None,
        };
        Self {
            settings,
            project: None,
            waiting: None,
            document: None,
            classes: Classes::default(),
            view: View::default(),
            tool: Tool::new(ToolKind::Brush),
            searches: Searches::default(),
            cuts: Cuts::default(),
            asked: None,
            relabellings: Relabellings::default(),
            operation: None,
            operation_form: OperationForm::default(),
            model,
            zoo: ZooState {
                zoo,
                ..ZooState::default()
            },
            jobs: Jobs::default(),
            run: None,
            stopped_run: None,
            dialog: None,
            train_form: TrainForm::default(),
            tour: None,
            keymap: Arc::default(),
            device: None,
        }
    }

    /// What to predict with.
    pub fn predict_with(&self) -> PredictWith {
        PredictWith {
            choice: self.model.choice.clone(),
            crf: self.settings.crf,
        }
    }

    /// Whether a command makes sense now; menus and palette grey out the others.
    #[expect(
        clippy::too_many_lines,
        reason = "a table: every command, none left out"
    )]
    pub fn allows(&self, command: Command) -> bool {
        let idle = |task| !self.jobs.is_running(task);
        let model = self.model.card.is_some() && self.project.is_some();
        let free = model && idle(Task::PredictFolder) && idle(Task::FineTune);
        match command {
            Command::OpenFolder
            | Command::Models
            | Command::ToggleTheme
            | Command::ToggleCrf
            | Command::Magnetic
            | Command::Palette
            | Command::Shortcuts
            | Command::CustomiseKeys
            | Command::Tour
            | Command::Quit
            | Command::ToggleImages
            | Command::ToggleSide
            | Command::Cancel => true,
            Command::OpenDemo => idle(Task::Demo),
            Command::ChooseModel | Command::EmbeddedModel => idle(Task::Model),
            Command::CloseProject
            | Command::Save
            | Command::FilterImages
            | Command::SelectAll
            | Command::ExtendDown
            | Command::ExtendUp
            | Command::SortByName
            | Command::SortByUncertainty
            | Command::SortByDisagreement
            | Command::SortByChange
            | Command::NextImage
            | Command::PreviousImage
            | Command::NextUncertain
            | Command::PreviousUncertain
            | Command::SwapClass
            | Command::FindClass
            | Command::LockClass
            | Command::LockOthers
            | Command::HideClass
            | Command::SoloClass
            | Command::ToggleHistory
            | Command::Select
            | Command::Brush
            | Command::Eraser
            | Command::Polygon
            | Command::Wand
            | Command::Superpixels
            | Command::SmartClick
            | Command::GrabCut
            | Command::Lasso
            | Command::Rectangle
            | Command::Fill
            | Command::BrushSmaller
            | Command::BrushLarger
            | Command::BrushMuchSmaller
            | Command::BrushMuchLarger => self.project.is_some(),
            Command::Undo => self.can_undo(),
            Command::Redo => self.history(|history| history.can_redo()),
            Command::Confirm => self.tool.is_open() || self.operation.is_some(),
            Command::DropVertex => self.tool.is_open(),
            Command::PickClass | Command::OnlyOver => self.view.pixel.is_some(),
            Command::RelabelClass => self.is_at_rest() && self.view.pixel.is_some(),
            Command::RelabelSelection => self.is_at_rest() && self.selection().is_some(),
            Command::Deselect => self.selection().is_some(),
            Command::CopyPrevious => self.is_at_rest() && self.previous().is_some(),
            Command::MaskOperations => self.operation.is_some() || self.is_at_rest(),
            Command::Export => idle(Task::Export) && self.has_labels(),
            Command::Report => model && idle(Task::Report) && self.touched() > 0,
            Command::SnapToEdges => self.document.is_some() && idle(Task::Snap),
            Command::PredictImage => model && self.document.is_some() && idle(Task::PredictImage),
            Command::PredictFolder | Command::FineTune => free,
            Command::ReviewSelected
            | Command::UnreviewSelected
            | Command::ExcludeSelected
            | Command::IncludeSelected
            | Command::DeleteLabels => idle(Task::Batch) && self.has_targets(),
            Command::PredictSelected => free && self.has_targets(),
            Command::RestoreLabels => idle(Task::Batch) && self.has_deletion(),
            Command::UndoExclusion => idle(Task::Batch) && self.has_exclusion(),
            Command::Stop => !self.jobs.is_empty(),
            Command::MarkReviewed
            | Command::Fit
            | Command::ActualSize
            | Command::ZoomIn
            | Command::ZoomOut
            | Command::ToggleLabels
            | Command::ToggleOutline
            | Command::LessOpacity
            | Command::MoreOpacity
            | Command::PanLeft
            | Command::PanRight
            | Command::PanUp
            | Command::PanDown
            | Command::LessClassOpacity
            | Command::MoreClassOpacity
            | Command::Tones
            | Command::ResetTones
            | Command::TogglePixelGrid
            | Command::ToggleMinimap
            | Command::PeekBefore => self.document.is_some(),
            Command::ToggleConfidence => self.with_document(|it| it.confidence.is_some()),
            Command::ToggleDisagreement | Command::PeekPrediction => self.is_predicted(),
        }
    }

    /// Whether a switch is on, for commands that are switches.
    pub fn is_on(&self, command: Command) -> Option<bool> {
        if let Some(kind) = command.tool() {
            return Some(self.tool.kind() == kind);
        }
        let order = |order| Some(self.settings.order == order);
        match command {
            Command::OnlyOver => Some(self.classes.only_over.is_some()),
            Command::MaskOperations => Some(self.operation.is_some()),
            Command::HideClass => Some(self.classes.hidden[usize::from(self.classes.current)]),
            Command::SortByName => order(Order::Name),
            Command::SortByUncertainty => order(Order::Uncertainty),
            Command::SortByDisagreement => order(Order::Disagreement),
            Command::SortByChange => order(Order::Changed),
            Command::ToggleLabels => Some(self.view.labels),
            Command::ToggleOutline => Some(self.settings.outline),
            Command::ToggleConfidence => Some(self.view.confidence),
            Command::ToggleCrf => Some(self.settings.crf),
            Command::Magnetic => Some(self.settings.tools.magnetic),
            Command::ToggleDisagreement => Some(self.view.disagreement),
            Command::PeekPrediction => Some(self.view.peek == Some(Peek::Prediction)),
            Command::PeekBefore => Some(self.view.peek == Some(Peek::Before)),
            Command::Tones => Some(self.view.tones_shown),
            Command::TogglePixelGrid => Some(self.settings.pixel_grid),
            Command::ToggleMinimap => Some(self.settings.minimap),
            Command::ToggleImages => Some(self.settings.show_images),
            Command::ToggleHistory => Some(self.view.history && self.settings.show_side),
            Command::ToggleSide => Some(self.settings.show_side),
            _ => None,
        }
    }

    /// What the tool in the hand is called: its command's text.
    pub fn tool_name(&self) -> &'static str {
        let mut tools = Group::Tool.commands();
        let tool = tools.find(|command| self.is_on(*command) == Some(true));
        tool.map_or("", Command::text)
    }

    /// Whether something was changed, or is shown and would be kept.
    fn can_undo(&self) -> bool {
        self.tool.machine().keeps() || self.history(|history| history.can_undo())
    }

    fn history(&self, ask: impl Fn(&atrous_engine::mask::History) -> bool) -> bool {
        self.document
            .as_ref()
            .is_some_and(|document| self.is_at_rest() && ask(&document.history))
    }

    /// Whether an image is open and nobody is in the middle of changing it.
    pub fn is_at_rest(&self) -> bool {
        self.document.is_some()
            && !self.tool.is_busy()
            && self.operation.is_none()
            && !self.relabellings.is_busy()
    }

    /// The labels as the canvas shows them: those of a mask operation that is not applied yet.
    pub fn shown_labels<'a>(&'a self, document: &'a Document) -> &'a LabelMap {
        let operation = self.operation.as_ref();
        let preview = operation.and_then(|operation| operation.preview.as_ref());
        preview.map_or(&document.labels, |(_, labels)| labels)
    }

    /// What is selected in the open image.
    pub fn selection(&self) -> Option<&SelectedArea> {
        self.document.as_ref()?.selection.as_ref()
    }

    /// The image before the open one in the film strip, where it can be read.
    pub fn previous(&self) -> Option<&ImageRecord> {
        let project = self.project.as_ref()?;
        let image = project.image(project.neighbour(-1)?)?;
        Some(image).filter(|image| image.error.is_none())
    }

    /// Whether the open image has a prediction.
    fn is_predicted(&self) -> bool {
        self.with_document(|it| it.prediction.is_some())
    }

    fn with_document(&self, ask: impl Fn(&Document) -> bool) -> bool {
        self.document.as_ref().is_some_and(ask)
    }

    fn touched(&self) -> usize {
        self.project.as_ref().map_or(0, OpenProject::touched)
    }

    fn has_labels(&self) -> bool {
        let project = self.project.as_ref();
        project.is_some_and(|project| project.images.labelled() > 0)
    }

    /// Whether there is an image for a command that works on those that are chosen.
    fn has_targets(&self) -> bool {
        let project = self.project.as_ref();
        project.is_some_and(|project| project.current.is_some() || !project.selection.is_empty())
    }

    fn has_exclusion(&self) -> bool {
        let project = self.project.as_ref();
        project.is_some_and(|project| !project.exclusions.is_empty())
    }

    fn has_deletion(&self) -> bool {
        let project = self.project.as_ref();
        project.is_some_and(|project| project.deletion.is_some())
    }
}

//! Each widget with made-up content. The tests take their snapshots of the same scenes.

use std::sync::Arc;
use std::time::Duration;

use atrous_widgets::canvas::{Appearance, Canvas, FlatMap, Maps, Pyramid, overlay};
use atrous_widgets::class_list::{self, ClassRow};
use atrous_widgets::command_palette::{Entry, Palette};
use atrous_widgets::curve_plot::{self, Curve, CurveKind};
use atrous_widgets::film_strip::{self, StripItem, StripStatus};
use atrous_widgets::icons::Icon;
use atrous_widgets::progress_chip::{self, Progress};
use atrous_widgets::toasts::{Level, Toasts};
use atrous_widgets::{buttons, drop_card, status_bar, theme};
use eframe::egui_wgpu::RenderState;
use egui::{Ui, pos2, vec2};

/// Name and colour of the classes in the scene.
const CLASSES: [(&str, [u8; 3]); 6] = [
    ("road", [128, 64, 128]),
    ("sidewalk", [244, 35, 232]),
    ("building", [70, 70, 70]),
    ("vegetation", [107, 142, 35]),
    ("sky", [70, 130, 180]),
    ("car", [0, 0, 142]),
];

fn map(bytes: &[u8]) -> FlatMap<'_> {
    FlatMap::new(SIZE, bytes).expect("the scene fills its size")
}

/// The scene's width and height.
const SIZE: [u32; 2] = [640, 480];

/// Every widget, with what it shows.
pub struct Gallery {
    pub canvas: Canvas,
    labels: Vec<u8>,
    /// What a model might have said: it takes the car for road.
    said: Vec<u8>,
    confidence: Vec<u8>,
    pub appearance: Appearance,
    pub palette: Palette,
    pub toasts: Toasts,
    image_names: Vec<String>,
    selected_image: usize,
    selected_class: u8,
    opacity: f32,
}

impl Gallery {
    pub fn new(render_state: Option<&RenderState>) -> Self {
        let mut canvas = Canvas::new(render_state);
        let (rgb, labels, confidence) = street(SIZE);
        let image = Pyramid::new(SIZE, rgb).expect("the scene fills its size");
        canvas.set_image(Arc::new(image));
        let mut palette = [[0; 3]; 256];
        for (entry, (_, color)) in palette.iter_mut().zip(CLASSES) {
            *entry = color;
        }
        canvas.set_palette(&palette);
        Self {
            canvas,
            said: labels.iter().map(|class| class % 5).collect(),
            labels,
            confidence,
            appearance: Appearance::default(),
            palette: Palette::default(),
            toasts: Toasts::default(),
            image_names: (0..100_000)
                .map(|i| format!("frankfurt_{i:06}_leftImg8bit.png"))
                .collect(),
            selected_image: 2,
            selected_class: 1,
            opacity: 0.5,
        }
    }

    pub fn canvas(&mut self, ui: &mut Ui) {
        self.appearance.opacity = self.opacity;
        let (labels, said, confidence) =
            (map(&self.labels), map(&self.said), map(&self.confidence));
        let maps = Maps {
            labels: Some(&labels),
            reference: Some(&said),
            confidence: Some(&confidence),
        };
        let out = self.canvas.show(ui, &self.appearance, &maps);
        let painter = ui.painter_at(out.response.rect);
        let color = theme::tokens(ui.ctx()).color.focus;
        let corners = [
            pos2(380.0, 300.0),
            pos2(470.0, 280.0),
            pos2(500.0, 340.0),
            pos2(430.0, 330.0),
            pos2(400.0, 372.0),
        ];
        overlay::polygon(&painter, &out.view, &corners, true, Some(1), color);
        let center = out.pointer.unwrap_or(pos2(220.0, 330.0));
        overlay::brush_ring(&painter, &out.view, center, 24.0, color);
    }

    pub fn tools(&mut self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            for (icon, name, on) in [
                (Icon::Move, "Move (V)", false),
                (Icon::Brush, "Brush (B)", true),
                (Icon::Eraser, "Eraser (E)", false),
                (Icon::Polygon, "Polygon (P)", false),
            ] {
                buttons::icon(ui, icon, name, Some(on), true);
            }
            ui.add_space(6.0);
            status_bar::separator(ui);
            ui.add_space(6.0);
            buttons::icon(ui, Icon::Undo, "Undo (Ctrl+Z)", None, true);
            buttons::icon(ui, Icon::Redo, "Redo (Ctrl+Shift+Z)", None, false);
            ui.add_space(8.0);
            if buttons::labeled(ui, Icon::Command, "Commands").clicked() {
                self.palette.toggle();
            }
            if buttons::labeled(ui, Icon::Info, "Notes").clicked() {
                self.notes();
            }
            let theme = theme::Theme::from(ui.ctx().theme());
            if buttons::icon(ui, Icon::Sun, "Switch theme", None, true).clicked() {
                theme::apply(ui.ctx(), theme.toggled());
            }
        });
    }

    pub fn strip(&mut self, ui: &mut Ui) {
        let statuses = [
            StripStatus::Reviewed,
            StripStatus::Corrected,
            StripStatus::Predicted,
            StripStatus::Predicted,
            StripStatus::Unlabelled,
            StripStatus::Failed,
        ];
        let names = &self.image_names;
        let out = film_strip::show(
            ui,
            names.len(),
            Some(self.selected_image),
            None,
            |i| {
                let status = statuses[i % statuses.len()];
                let looked_at = !matches!(status, StripStatus::Unlabelled | StripStatus::Failed);
                StripItem {
                    name: &names[i],
                    status,
                    uncertainty: looked_at.then_some((i * 37 % 100) as f32 / 100.0),
                    thumbnail: None,
                    chosen: false,
                    excluded: i == 2,
                }
            },
            |_| {},
        );
        self.selected_image = out.clicked.map_or(self.selected_image, |(place, _)| place);
    }

    pub fn classes(&mut self, ui: &mut Ui) {
        let keys = ["1", "2", "3", "4", "5", "6"];
        let rows: Vec<ClassRow<'_>> = (0..)
            .zip(CLASSES)
            .map(|(index, (name, color))| ClassRow {
                index,
                name,
                color,
                key: Some(keys[usize::from(index)]),
                selected: index == self.selected_class,
                hidden: self.appearance.hidden[usize::from(index)],
                locked: self.appearance.locked[usize::from(index)],
                share: Some([0.31, 0.083, 0.22, 0.151, 0.236, 0.0004][usize::from(index)]),
            })
            .collect();
        let out = class_list::show(ui, &rows, None, &[]);
        self.selected_class = out.selected.unwrap_or(self.selected_class);
        if let Some(class) = out.toggle_hidden {
            self.appearance.hidden[usize::from(class)] ^= true;
        }
        if let Some(class) = out.toggle_locked {
            self.appearance.locked[usize::from(class)] ^= true;
        }
        self.appearance.hovered_class = out.hovered;
    }

    /// egui's own widgets in our style.
    pub fn controls(&mut self, ui: &mut Ui) {
        ui.heading("Model");
        let slider = egui::Slider::new(&mut self.opacity, 0.0..=1.0).text("Opacity");
        ui.add(slider);
        ui.checkbox(&mut self.appearance.outline, "Outlines");
        ui.checkbox(&mut self.appearance.uncertainty, "Uncertainty");
        ui.horizontal(|ui| {
            buttons::primary(ui, Icon::FineTune, "Fine-tune");
            buttons::labeled(ui, Icon::Report, "Report");
            ui.add_enabled_ui(false, |ui| buttons::labeled(ui, Icon::Export, "Export"));
        });
        ui.weak("Held-out images are never trained on");
    }

    /// One note of each level.
    pub fn notes(&mut self) {
        self.toasts
            .add(Level::Info, "Using the CPU: no GPU was found");
        self.toasts.add(
            Level::Success,
            "Exported 480 images to VOC layout, read back and checked",
        );
        self.toasts.add(
            Level::Warning,
            "3 images changed on disk while they were open",
        );
        self.toasts.add(
            Level::Error,
            "street_0042.jpg: expected 1024x512, found 512x512",
        );
    }
}

pub fn curves(ui: &mut Ui) {
    let loss: Vec<[f64; 2]> = (0..200)
        .map(|i| {
            let step = f64::from(i);
            [
                step,
                2.2 * (-step / 50.0).exp() + 0.3 + 0.05 * (step * 1.7).sin(),
            ]
        })
        .collect();
    let score: Vec<[f64; 2]> = (0..=5)
        .map(|i| {
            let step = 40.0 * f64::from(i);
            [step, 0.78 - 0.5 * (-step / 60.0).exp()]
        })
        .collect();
    let curves = [
        Curve {
            name: "Loss",
            kind: CurveKind::Loss,
            points: &loss,
        },
        Curve {
            name: "Held-out mIoU",
            kind: CurveKind::Score,
            points: &score,
        },
    ];
    curve_plot::show(ui, "run", &curves, 90.0);
}

pub fn status(ui: &mut Ui) {
    ui.horizontal(|ui| {
        status_bar::item(ui, None, "Zoom", "133 %");
        status_bar::separator(ui);
        status_bar::item(ui, None, "Pixel", "812, 344");
        status_bar::separator(ui);
        status_bar::item(ui, Some(Icon::Check), "Labels", "saved");
        status_bar::separator(ui);
        let progress = Progress {
            label: "Predict folder",
            done: 112,
            total: 480,
            rate: Some(8.34),
            eta: Some(Duration::from_secs(44)),
            stopping: false,
            bytes: false,
        };
        progress_chip::show(ui, &progress);
    });
}

pub fn empty(ui: &mut Ui, hovered: bool) {
    ui.vertical_centered(|ui| {
        drop_card::show(
            ui,
            "Drop a folder of images here",
            "Your files are only read. Labels go to .atrous inside it.",
            hovered,
            |ui| {
                buttons::primary(ui, Icon::Folder, "Open folder...");
                buttons::labeled(ui, Icon::Demo, "Open demo");
            },
        );
    });
}

/// Every icon, in rows.
pub fn all_icons(ui: &mut Ui) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(2.0, 2.0);
        for icon in Icon::ALL {
            buttons::icon(ui, *icon, &format!("{icon:?}"), None, true);
        }
    });
}

/// What the palette offers.
pub fn entries() -> Vec<Entry<'static>> {
    [
        ("Open folder...", "Ctrl+O", true),
        ("Predict this image", "R", true),
        ("Predict folder", "Shift+R", true),
        ("Fine-tune", "", true),
        ("Fit image to window", "Ctrl+0", true),
        ("Redo", "Ctrl+Shift+Z", false),
        ("Toggle outlines", "O", true),
    ]
    .map(|(text, shortcut, enabled)| Entry {
        text,
        tooltip: "",
        shortcut: shortcut.to_owned(),
        disabled: (!enabled).then(|| "Nothing was taken back".to_owned()),
    })
    .into()
}

/// A street in a few shapes: RGB, label map, confidence.
fn street([width, height]: [u32; 2]) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    let (mut rgb, mut labels, mut confidence) = (Vec::new(), Vec::new(), Vec::new());
    for y in 0..height {
        for x in 0..width {
            let (fx, fy) = (x as f32 / width as f32, y as f32 / height as f32);
            let class = class_at(fx, fy);
            let light = (24.0 * fy) as u8;
            let base: [u8; 3] = match class {
                0 => [92, 92, 96],
                1 => [150, 146, 140],
                2 => [142, 118, 100],
                3 => [74, 104, 52],
                4 => [150, 186, 222],
                _ => [150, 40, 36],
            };
            rgb.extend(base.map(|v| v.saturating_add(light)));
            labels.push(class);
            let edge = (1..6).any(|d| {
                let d = d as f32 / width as f32;
                class_at(fx + d, fy) != class || class_at(fx, fy - d) != class
            });
            confidence.push(if edge { 140 } else { 250 });
        }
    }
    (rgb, labels, confidence)
}

fn class_at(x: f32, y: f32) -> u8 {
    let car = ((x - 0.67) / 0.1).powi(2) + ((y - 0.67) / 0.08).powi(2) < 1.0;
    let tree = (x - 0.16).powi(2) + ((y - 0.36) * 0.8).powi(2) < 0.018;
    let middle = (x - 0.5).abs();
    if car {
        5
    } else if tree {
        3
    } else if y > 0.55 && middle < (y - 0.5) * 0.9 {
        0
    } else if y > 0.55 {
        1
    } else if middle > 0.22 && y > 0.3 - middle * 0.3 {
        2
    } else {
        4
    }
}

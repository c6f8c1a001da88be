//! What is under the pointer: label, prediction, confidence.

use atrous_palettes::{Palette, VOID};
use egui::{Grid, Ui};

use crate::state::State;

pub(super) fn show(ui: &mut Ui, state: &State) {
    let Some(project) = &state.project else {
        return;
    };
    super::heading(ui, "Under the pointer");
    let under = Under::new(state);
    let grid = Grid::new("inspector").num_columns(2).min_row_height(18.0);
    grid.spacing([12.0, 2.0]).show(ui, |ui| {
        row(ui, "Label", &under.class(&project.palette, under.label));
        row(
            ui,
            "Prediction",
            &under.class(&project.palette, under.prediction),
        );
        let confidence = under.confidence.map_or_else(
            || "-".to_owned(),
            |value| format!("{:.0} %", f32::from(value) / 255.0 * 100.0),
        );
        row(ui, "Confidence", &confidence);
    });
    ui.add_space(4.0);
}

fn row(ui: &mut Ui, name: &str, value: &str) {
    ui.weak(name);
    ui.label(value);
    ui.end_row();
}

/// The values of one pixel.
#[derive(Default)]
struct Under {
    label: Option<u8>,
    prediction: Option<u8>,
    confidence: Option<u8>,
}

impl Under {
    fn new(state: &State) -> Self {
        let (Some(document), Some(pixel)) = (&state.document, state.view.pixel) else {
            return Self::default();
        };
        let of = |map: &Option<std::sync::Arc<Vec<u8>>>| {
            map.as_ref().and_then(|map| document.value_at(map, pixel))
        };
        Self {
            label: document.labels.get(pixel[0], pixel[1]),
            prediction: of(&document.prediction),
            confidence: of(&document.confidence),
        }
    }

    fn class(&self, palette: &Palette, value: Option<u8>) -> String {
        value.map_or_else(|| "-".to_owned(), |value| class_name(palette, value))
    }
}

/// A class's name, "void" for 255.
pub(super) fn class_name(palette: &Palette, value: u8) -> String {
    match palette.class(value) {
        Some(class) => class.name.clone(),
        None if value == VOID => "void".to_owned(),
        None => format!("class {value}"),
    }
}

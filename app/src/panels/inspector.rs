//! What is under the pointer: label, prediction, confidence, place, colour.

use atrous_palettes::{Palette, VOID};
use atrous_widgets::canvas::Canvas;
use atrous_widgets::theme;
use egui::{Grid, Sense, Ui, vec2};

use crate::state::State;

pub(super) fn show(ui: &mut Ui, state: &State, canvas: &Canvas) {
    let Some(project) = &state.project else {
        return;
    };
    super::heading(ui, "Under the pointer");
    let under = Under::new(state, canvas);
    let class = |value: Option<u8>| value.map(|value| class_name(&project.palette, value));
    let grid = Grid::new("inspector").num_columns(2).min_row_height(18.0);
    grid.spacing([12.0, 2.0]).show(ui, |ui| {
        row(ui, "Label", class(under.label).as_deref());
        row(ui, "Prediction", class(under.prediction).as_deref());
        let percent = |value: u8| format!("{:.0} %", f32::from(value) / 255.0 * 100.0);
        row(ui, "Confidence", under.confidence.map(percent).as_deref());
        let place = under.pixel.map(|[x, y]| format!("{x}, {y}"));
        row(ui, "Pixel", place.as_deref());
        color_row(ui, under.color);
    });
    ui.add_space(4.0);
}

fn row(ui: &mut Ui, name: &str, value: Option<&str>) {
    ui.weak(name);
    ui.label(value.unwrap_or("-"));
    ui.end_row();
}

/// The image's own colour, as a swatch and as red, green, blue.
fn color_row(ui: &mut Ui, color: Option<[u8; 3]>) {
    ui.weak("Colour");
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let Some([r, g, b]) = color else {
            ui.label("-");
            return;
        };
        let (swatch, _) = ui.allocate_exact_size(vec2(12.0, 12.0), Sense::hover());
        let radius = theme::tokens(ui.ctx()).radius.widget;
        ui.painter()
            .rect_filled(swatch, radius, theme::class_color([r, g, b]));
        ui.label(format!("{r}, {g}, {b}"));
    });
    ui.end_row();
}

/// The values of one pixel.
#[derive(Default)]
struct Under {
    pixel: Option<[u32; 2]>,
    label: Option<u8>,
    prediction: Option<u8>,
    confidence: Option<u8>,
    color: Option<[u8; 3]>,
}

impl Under {
    fn new(state: &State, canvas: &Canvas) -> Self {
        let (Some(document), Some(pixel)) = (&state.document, state.view.pixel) else {
            return Self::default();
        };
        let [x, y] = pixel;
        Self {
            pixel: Some(pixel),
            label: document.labels.get(x, y),
            prediction: document.prediction.as_ref().and_then(|map| map.get(x, y)),
            confidence: document.confidence_at(pixel),
            color: canvas.image().and_then(|image| image.pixel(pixel)),
        }
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

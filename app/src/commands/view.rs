//! What the canvas shows, and how the window looks.

use atrous_widgets::canvas::MapKind;
use atrous_widgets::theme::{self, Theme};

use super::App;
use crate::state::{Look, Peek};

/// By so much one press changes the opacity.
const OPACITY_STEP: f32 = 0.1;
/// A key that is down for longer than this is held.
const PRESS_SECONDS: f64 = 0.3;
/// By so much one press changes the zoom.
const ZOOM_STEP: f32 = 1.25;

/// Makes labels more or less opaque.
pub(super) fn opacity(app: &mut App, opacity: f32) {
    app.state.settings.opacity = opacity.clamp(0.0, 1.0);
    app.save_settings();
}

/// Changes the opacity by `steps` presses.
pub(super) fn opacity_step(app: &mut App, steps: f32) {
    let stepped = app.state.settings.opacity + steps * OPACITY_STEP;
    opacity(app, (stepped * 100.0).round() / 100.0);
}

/// Shows the image larger or smaller.
pub(super) fn zoom_step(app: &mut App, steps: i32) {
    app.surface.canvas.zoom_by(ZOOM_STEP.powi(steps));
}

/// Shows outlines or areas.
pub(super) fn toggle_outline(app: &mut App) {
    app.state.settings.outline ^= true;
    app.save_settings();
}

/// Shows or hides the film strip.
pub(super) fn toggle_images(app: &mut App) {
    app.state.settings.show_images ^= true;
    app.save_settings();
}

/// Shows or hides the side panel.
pub(super) fn toggle_side(app: &mut App) {
    app.state.settings.show_side ^= true;
    app.save_settings();
}

/// Shows the history or the classes, in a side panel that is open then.
pub(super) fn toggle_history(app: &mut App) {
    let view = &mut app.state.view;
    let open = app.state.settings.show_side;
    view.history = !(view.history && open);
    if !open {
        toggle_side(app);
    }
}

/// Changes between light and dark.
pub(super) fn toggle_theme(app: &mut App, context: &egui::Context) {
    app.state.settings.look = match app.state.settings.look {
        Look::Dark => Look::Light,
        Look::Light => Look::Dark,
    };
    apply_theme(app, context);
    app.save_settings();
}

/// Gives the window the look of the settings.
pub(super) fn apply_theme(app: &App, context: &egui::Context) {
    let theme = match app.state.settings.look {
        Look::Dark => Theme::Dark,
        Look::Light => Theme::Light,
    };
    theme::apply(context, theme);
}

/// Lets the person type which images the film strip shows.
pub(super) fn find_images(app: &mut App) {
    if !app.state.settings.show_images {
        toggle_images(app);
    }
    app.surface.strip.query.focus();
}

/// Notes what the pointer is over and how large the image is shown.
pub(super) fn hover(app: &mut App, pixel: Option<[u32; 2]>, zoom: f32) {
    app.state.view.pixel = pixel;
    app.state.view.zoom = zoom;
}

/// Shows or hides the labels.
pub(super) fn toggle_labels(app: &mut App) {
    app.state.view.labels ^= true;
}

/// Shows or hides the labels by key; who holds it only looks.
pub(super) fn labels_key_pressed(app: &mut App, context: &egui::Context) {
    toggle_labels(app);
    app.state.view.labels_key_down = Some(context.input(|input| input.time));
}

/// Where the key was held for longer than a press, that was a look at the image.
pub(super) fn labels_key_released(app: &mut App, context: &egui::Context) {
    let now = context.input(|input| input.time);
    let down = app.state.view.labels_key_down.take();
    if down.is_some_and(|down| now - down >= PRESS_SECONDS) {
        toggle_labels(app);
    }
}

/// Shows where the model is unsure, or the classes again.
pub(super) fn toggle_confidence(app: &mut App) {
    app.state.view.confidence ^= true;
    app.state.view.disagreement = false;
}

/// Shows where labels and prediction differ, or the classes again.
pub(super) fn toggle_disagreement(app: &mut App) {
    app.state.view.disagreement ^= true;
    app.state.view.confidence = false;
}

/// Shows or hides the lines between pixels.
pub(super) fn toggle_pixel_grid(app: &mut App) {
    app.state.settings.pixel_grid ^= true;
    app.save_settings();
}

/// Shows or hides the minimap.
pub(super) fn toggle_minimap(app: &mut App) {
    app.state.settings.minimap ^= true;
    app.save_settings();
}

/// Makes one class more or less opaque beside the others.
pub(super) fn class_opacity(app: &mut App, class: u8, opacity: f32) {
    app.state.classes.opacity[usize::from(class)] = opacity.clamp(0.0, 1.0);
}

/// Changes the current class's opacity by `steps` presses.
pub(super) fn class_opacity_step(app: &mut App, steps: f32) {
    let class = app.state.classes.current;
    let opacity = app.state.classes.opacity[usize::from(class)] + steps * OPACITY_STEP;
    class_opacity(app, class, (opacity * 100.0).round() / 100.0);
}

/// Shows something in place of the labels until asked again.
pub(super) fn toggle_peek(app: &mut App, what: Peek) {
    let shown = app.state.view.peek == Some(what);
    peek(app, (!shown).then_some(what));
}

/// Shows something in place of the labels, or the labels again.
pub(super) fn peek(app: &mut App, peek: Option<Peek>) {
    if peek.is_some() {
        super::editing::abort(app);
    }
    let other_map = [app.state.view.peek, peek].contains(&Some(Peek::Before));
    if app.state.view.peek != peek && other_map {
        app.surface.canvas.replaced(MapKind::Reference);
    }
    app.state.view.peek = peek;
}

//! What the canvas shows, and how the window looks.

use atrous_widgets::theme::{self, Theme};

use super::App;
use crate::state::Look;

/// By so much one press changes the opacity.
const OPACITY_STEP: f32 = 0.1;
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

/// Shows the prediction in place of the labels, or the labels again.
pub(super) fn compare(app: &mut App, comparing: bool) {
    let Some(document) = &app.state.document else {
        return;
    };
    let Some(comparison) = document.comparison() else {
        return;
    };
    app.state.view.comparing = comparing;
    let labels = if comparing {
        comparison.as_ref().clone()
    } else {
        document.labels.to_vec()
    };
    super::images::put_labels(app, labels);
}

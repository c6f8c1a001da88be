//! What the tools see of the image: regions that are looked for, superpixels, the network's opinion.

use std::sync::Arc;

use atrous_engine::mask::Span;
use atrous_engine::predict::Probabilities;
use atrous_engine::project::ImageId;
use atrous_widgets::toasts::Level;

use super::{App, editing, model};
use crate::background::CutImage;
use crate::state::{Cut, CutKey, ModelChoice, Task};
use crate::tools::{Search, ToolKind};

/// Sees to it that the tool in the hand gets what it needs to know of the open image.
pub(super) fn refresh(app: &mut App) {
    match app.state.tool.kind() {
        ToolKind::Superpixels => want_superpixels(app),
        ToolKind::SmartClick => want_probabilities(app),
        _ => {}
    }
}

/// Has a region looked for, after the one that is looked for now or in its place.
pub(super) fn search(app: &mut App, search: Search) {
    match &app.state.searches.running {
        Some(running) => {
            if !search.is_on_the_way() {
                running.cancel();
            }
            app.state.searches.waiting = Some(search);
        }
        None => start(app, search),
    }
}

fn start(app: &mut App, search: Search) {
    if let Some(document) = &app.state.document {
        let gesture = app.state.searches.gesture;
        let cancel = app
            .background
            .search(gesture, search, document.scene.clone());
        app.state.searches.running = Some(cancel);
    }
}

/// Hands a region that was found to the tool, and has the next one looked for.
pub(super) fn found(app: &mut App, gesture: u64, found: Result<Option<Vec<Span>>, String>) {
    let spans = found.unwrap_or_else(|reason| {
        app.toasts.add(Level::Error, reason);
        None
    });
    if gesture != app.state.searches.gesture {
        return;
    }
    app.state.searches.running = None;
    let next = app.state.searches.waiting.take();
    let last = next.is_none();
    if let Some(next) = next {
        start(app, next);
    }
    if let Some(spans) = spans {
        editing::found(app, spans, last);
    } else if last {
        // It failed: there is nothing to wait for.
        editing::found(app, Vec::new(), true);
    }
}

/// Gives the tools superpixels of the wanted size: those that were computed before, or new ones.
fn want_superpixels(app: &mut App) {
    if app.state.tool.is_busy() {
        // A stroke goes on with the superpixels that it began with.
        return;
    }
    let Some(document) = &mut app.state.document else {
        return;
    };
    let side = app.state.settings.superpixel_side(document.size);
    let key = document.cut_key(side);
    let known = app.state.cuts.get(key);
    document.scene.superpixels = known.map(|cut| cut.superpixels.clone());
    let wanted = Some(key);
    if known.is_some() || app.state.cuts.given_up == wanted {
        return;
    }
    if app.state.cuts.under_way != wanted {
        // Another image or size was wanted before: that one is not waited for.
        app.state.jobs.cancel(Task::Superpixels);
        let background = &app.background;
        let cancel = background.cut_into_superpixels(key, document.scene.clone());
        app.state.jobs.start(Task::Superpixels, cancel);
        app.state.cuts.under_way = wanted;
    }
}

/// Keeps superpixels that were computed.
pub(super) fn cut(
    app: &mut App,
    context: &egui::Context,
    key: CutKey,
    result: Result<Option<Box<CutImage>>, String>,
) {
    if app.state.cuts.under_way == Some(key) {
        app.state.cuts.under_way = None;
        app.state.jobs.end(Task::Superpixels);
    }
    match result {
        Ok(Some(image)) => {
            let options = egui::TextureOptions::LINEAR;
            let name = format!("borders {}", key.id);
            let borders = context.load_texture(name, image.borders, options);
            app.state.cuts.keep(Cut {
                key,
                superpixels: image.superpixels,
                borders,
            });
        }
        Ok(None) => {
            if app.state.cuts.under_way.is_none() {
                app.state.cuts.given_up = Some(key);
            }
        }
        Err(reason) => {
            app.state.cuts.given_up = Some(key);
            app.toasts.add(Level::Error, reason);
        }
    }
    refresh(app);
}

/// Asks the network for its opinion of the open image where that is not known: once an image and
/// model, and only where they speak of the same classes.
fn want_probabilities(app: &mut App) {
    let Some(document) = &app.state.document else {
        return;
    };
    let choice = app.state.model.choice.clone();
    let asked = Some((document.id, choice.clone()));
    if document.scene.probabilities.is_some()
        || app.state.model.card.is_none()
        || app.state.asked == asked
        || app.state.jobs.is_running(Task::AskNetwork)
        || model::mismatch(app).is_some()
    {
        return;
    }
    let image = (document.id, document.scene.clone());
    match app.background.ask_network(image, choice) {
        Ok(cancel) => app.state.jobs.start(Task::AskNetwork, cancel),
        Err(error) => app.toasts.add(Level::Error, error.to_string()),
    }
    app.state.asked = asked;
}

/// Takes over the network's opinion of an image; what is looked for is looked for again with it.
pub(super) fn network_answered(app: &mut App, id: ImageId, answer: Arc<Probabilities>) {
    let open = app.state.document.as_mut();
    let Some(document) = open.filter(|document| document.id == id) else {
        return;
    };
    document.scene.probabilities = Some(answer);
    if let Some(again) = app.state.tool.search_with_network() {
        search(app, again);
    }
}

/// Another model thinks otherwise.
pub(super) fn forget_network(app: &mut App) {
    if let Some(document) = &mut app.state.document {
        document.scene.probabilities = None;
    }
    app.state.asked = None::<(ImageId, ModelChoice)>;
}

/// Sets the tolerance that the wand starts from.
pub(super) fn tolerance(app: &mut App, tolerance: u8) {
    app.state.settings.wand_tolerance = tolerance.min(atrous_engine::mask::wand::MAX_TOLERANCE);
    app.save_settings();
}

/// Whether the wand takes only what hangs together.
pub(super) fn contiguous(app: &mut App, contiguous: bool) {
    app.state.settings.wand_contiguous = contiguous;
    app.save_settings();
}

/// Sets the side of superpixels, in pixels of the open image.
pub(super) fn superpixel_side(app: &mut App, side: u32) {
    if let Some(document) = &app.state.document {
        app.state.settings.set_superpixel_side(side, document.size);
        app.save_settings();
    }
}

/// Changes what the tool in the hand is most of all set by, by some steps; whether it is one of
/// those that see to it here.
pub(super) fn step(app: &mut App, steps: i32) -> bool {
    let side = match (app.state.tool.kind(), &app.state.document) {
        (ToolKind::Superpixels, Some(document)) => {
            app.state.settings.superpixel_side(document.size)
        }
        _ => 0,
    };
    by(app, steps * (side / 10).max(1) as i32)
}

/// As [`step`], by so much: levels of the wand's tolerance, pixels of a superpixel's side.
pub(super) fn by(app: &mut App, amount: i32) -> bool {
    match app.state.tool.kind() {
        ToolKind::Wand => {
            let before = i32::from(app.state.settings.wand_tolerance);
            let after = (before + amount).clamp(0, i32::from(u8::MAX));
            tolerance(app, u8::try_from(after).unwrap_or(u8::MAX));
            true
        }
        ToolKind::Superpixels => {
            if let Some(document) = &app.state.document {
                let side = app.state.settings.superpixel_side(document.size);
                superpixel_side(app, side.saturating_add_signed(amount));
            }
            true
        }
        _ => false,
    }
}

//! Choosing the model that predicts.

use std::path::PathBuf;
use std::sync::Arc;

use atrous_widgets::toasts::Level;

use super::{App, sight, zoo};
use crate::background::Purpose;
use crate::state::{ModelCard, ModelChoice, Task};

/// Reads the chosen model, so that the first prediction need not wait.
pub(super) fn read(app: &mut App) {
    match app.background.read_model(app.state.model.choice.clone()) {
        Ok(cancel) => app.state.jobs.start(Task::Model, cancel),
        Err(error) => app.toasts.add(Level::Error, error.to_string()),
    }
}

/// Asks for a model file.
pub(super) fn choose(app: &App) {
    let choice = app.system.choose_model();
    app.background.wait_for_choice(Purpose::Model, choice);
}

/// Takes the file that was chosen.
pub(super) fn chosen(app: &mut App, path: Option<PathBuf>) {
    let Some(path) = path else { return };
    if !zoo::import(app, &path) {
        zoo::close_panel(app);
        take(app, ModelChoice::File(path));
    }
}

/// Takes the model inside the application.
pub(super) fn take_embedded(app: &mut App) {
    take(app, ModelChoice::Embedded);
}

/// Predicts with another model from now on.
pub(super) fn take(app: &mut App, choice: ModelChoice) {
    if app.is_free(Task::Model) {
        app.state.model.choice = choice;
        app.state.model.card = None;
        read(app);
    }
}

/// Shows what the model is, and remembers it for the next start.
pub(super) fn arrived(app: &mut App, choice: ModelChoice, card: Arc<ModelCard>) {
    choice.remember(&mut app.state.settings);
    app.state.model.choice = choice;
    app.state.model.card = Some(card);
    sight::forget_network(app);
    app.save_settings();
    if let Some(reason) = mismatch(app) {
        app.toasts.add(Level::Warning, reason);
    }
}

/// Why the model's class indices mean something else than the project's, if they do.
pub(super) fn mismatch(app: &App) -> Option<String> {
    let card = app.state.model.card.as_ref()?;
    let project = app.state.project.as_ref()?;
    let same = card.palette.len() == project.palette.len()
        && card
            .palette
            .classes
            .iter()
            .zip(&project.palette.classes)
            .all(|(of_model, of_project)| of_model.name == of_project.name);
    (!same).then(|| {
        format!(
            "The model knows the classes of {}, this project has those of {}. Fine-tune it, or \
             choose another model",
            card.palette.name, project.palette.name
        )
    })
}

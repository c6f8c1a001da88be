//! Training on the corrected images.

use atrous_engine::finetune::CurvePoint;
use atrous_widgets::toasts::Level;

use super::{App, editing, predicting};
use crate::background::TunedModel;
use crate::state::{Dialog, ModelChoice, Run, Task, TrainForm};
use crate::tune::Stopped;

/// Asks how to train.
pub(super) fn open_dialog(app: &mut App) {
    editing::abort(app);
    app.state.dialog = Some(Dialog::FineTune(app.state.train_form));
    if let Some(open) = &app.state.project {
        app.background.look_for_stopped_run(&open.project);
    }
}

/// Starts to train.
pub(super) fn start(app: &mut App, form: TrainForm) {
    let choice = app.state.model.choice.clone();
    train(app, choice, form, None);
}

/// Goes on with the run that was stopped, from the model that it was started with.
pub(super) fn go_on(app: &mut App, form: TrainForm) {
    let Some(stopped) = app.state.stopped_run.take() else {
        return;
    };
    let zoo = app.state.zoo.zoo.as_ref();
    match ModelChoice::of_origin(&stopped.origin, zoo) {
        Some(choice) => train(app, choice, form, Some(*stopped)),
        None => {
            let text = format!(
                "The run started from a model that is not here: {}",
                stopped.origin
            );
            app.toasts.add(Level::Error, text);
        }
    }
}

fn train(app: &mut App, choice: ModelChoice, form: TrainForm, stopped: Option<Stopped>) {
    app.state.dialog = None;
    app.state.train_form = form;
    app.state.stopped_run = None;
    let Some(open) = &app.state.project else {
        return;
    };
    let started = app
        .background
        .fine_tune(&open.project, choice, form, stopped);
    match started {
        Ok(cancel) => {
            app.state.jobs.start(Task::FineTune, cancel);
            app.state.run = Some(Run::default());
        }
        Err(error) => app.toasts.add(Level::Error, error.to_string()),
    }
}

/// Adds a point to the curves.
pub(super) fn point(app: &mut App, point: &CurvePoint) {
    if let Some(run) = &mut app.state.run {
        run.add(point);
    }
}

/// Takes the trained model into use, and predicts again what nobody touched.
pub(super) fn finished(app: &mut App, tuned: TunedModel) {
    app.state.jobs.end(Task::FineTune);
    if let Some(run) = &mut app.state.run {
        run.record = Some(Box::new(tuned.record));
        run.stopped = tuned.stopped;
    }
    app.state.model.choice = ModelChoice::File(tuned.path.clone());
    app.state.model.card = Some(tuned.card);
    app.state.settings.model = Some(tuned.path);
    app.save_settings();
    app.toasts.add(
        Level::Success,
        "The model is trained; untouched images are predicted again",
    );
    predicting::start_folder(app, true);
}

//! Work under way: how far it is, how it ends, and stopping it.

use atrous_engine::jobs::{JobEvent, JobStage};
use atrous_widgets::toasts::Level;

use super::App;
use crate::state::Task;

/// Takes over what the worker says about a job.
pub(super) fn event(app: &mut App, context: &egui::Context, event: &JobEvent) {
    let Some(task) = Task::of_name(event.name) else {
        return;
    };
    take_over(app, task, &event.stage);
    let over = !app.state.jobs.is_running(Task::Model);
    if task == Task::Model && over {
        super::files::open_waiting(app, context);
    }
}

fn take_over(app: &mut App, task: Task, stage: &JobStage) {
    match stage {
        JobStage::Started => {}
        JobStage::Running(progress) => {
            app.state.jobs.report(task, progress.clone());
            if task == Task::PredictFolder {
                super::predicting::folder_goes_on(app);
            }
        }
        JobStage::Done => app.state.jobs.end(task),
        JobStage::Stopped => {
            app.state.jobs.end(task);
            app.toasts
                .add(Level::Info, format!("{} was stopped", task.name()));
        }
        JobStage::Failed(reason) => {
            app.state.jobs.end(task);
            app.toasts.add(Level::Error, reason.clone());
        }
    }
}

/// Asks what the status bar shows to stop after its current step.
pub(super) fn stop(app: &App) {
    if let Some(running) = app.state.jobs.shown() {
        running.cancel.cancel();
    }
}

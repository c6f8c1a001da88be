//! Why a command makes no sense now.

use super::{State, Task};
use crate::command::Command;

impl State {
    /// Why a command is greyed out, for people; none where it is allowed.
    pub fn why_not(&self, command: Command) -> Option<String> {
        if self.allows(command) {
            return None;
        }
        let running = tasks_in_the_way(command)
            .iter()
            .find(|task| self.jobs.is_running(**task));
        let reason = if let Some(task) = running {
            return Some(format!("{} is running", task.name()));
        } else if self.project.is_none() && command != Command::Stop {
            "Open a folder of images first"
        } else {
            self.what_is_missing(command)
        };
        Some(reason.to_owned())
    }

    /// What a command lacks while a project is open.
    fn what_is_missing(&self, command: Command) -> &'static str {
        match command {
            Command::Stop => "Nothing is running",
            Command::Undo | Command::Redo if self.tool.is_busy() => "Finish the gesture first",
            Command::Undo
            | Command::Redo
            | Command::RelabelClass
            | Command::RelabelSelection
            | Command::CopyPrevious
                if self.operation.is_some() =>
            {
                "Apply or leave the mask operation first"
            }
            Command::Undo => "Nothing was changed in this image",
            Command::Redo => "Nothing was taken back",
            Command::Confirm | Command::DropVertex => "The tool has nothing under way",
            Command::PickClass | Command::OnlyOver | Command::RelabelClass
                if self.view.pixel.is_none() =>
            {
                "The pointer is not over the image"
            }
            Command::Deselect | Command::RelabelSelection if self.selection().is_none() => {
                "Nothing is selected"
            }
            Command::CopyPrevious if self.previous().is_none() => {
                "There is no image before this one"
            }
            Command::RelabelClass
            | Command::RelabelSelection
            | Command::CopyPrevious
            | Command::MaskOperations
                if self.tool.is_busy() =>
            {
                "Finish the gesture first"
            }
            Command::Export => "Nothing is labelled yet",
            Command::PredictImage
            | Command::PredictFolder
            | Command::PredictSelected
            | Command::FineTune
            | Command::Report
                if self.model.card.is_none() =>
            {
                "The model is not read yet"
            }
            Command::RestoreLabels => "No labels were deleted",
            Command::UndoExclusion => "No image was excluded or included",
            Command::Report => "Correct or review an image first",
            Command::ReviewSelected
            | Command::UnreviewSelected
            | Command::ExcludeSelected
            | Command::IncludeSelected
            | Command::DeleteLabels
            | Command::PredictSelected => "No image is chosen",
            _ if self.document.is_none() => "No image is open",
            Command::ToggleConfidence | Command::ToggleDisagreement | Command::PeekPrediction => {
                "This image is not predicted yet"
            }
            _ => "Not possible now",
        }
    }
}

/// The tasks that keep a command from running.
fn tasks_in_the_way(command: Command) -> &'static [Task] {
    match command {
        Command::OpenDemo => &[Task::Demo],
        Command::ChooseModel | Command::EmbeddedModel => &[Task::Model],
        Command::Export => &[Task::Export],
        Command::Report => &[Task::Report],
        Command::PredictImage => &[Task::PredictImage],
        Command::PredictFolder | Command::PredictSelected | Command::FineTune => {
            &[Task::PredictFolder, Task::FineTune]
        }
        Command::ReviewSelected
        | Command::UnreviewSelected
        | Command::ExcludeSelected
        | Command::IncludeSelected
        | Command::UndoExclusion
        | Command::DeleteLabels
        | Command::RestoreLabels => &[Task::Batch],
        Command::Undo
        | Command::Redo
        | Command::RelabelClass
        | Command::RelabelSelection
        | Command::CopyPrevious
        | Command::MaskOperations => &[Task::Relabel],
        _ => &[],
    }
}

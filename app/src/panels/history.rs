//! What was done to this image, step by step. A click or the arrow keys go there.

use std::time::{Duration, SystemTime};

use atrous_engine::mask::Edit;
use atrous_palettes::Palette;
use atrous_widgets::history_list::{self, HistoryRow};
use egui::Ui;

use crate::action::{Action, Actions};
use crate::state::State;

/// The words for ages are at most so old.
const REFRESH: Duration = Duration::from_secs(30);

pub(super) fn show(ui: &mut Ui, state: &State, actions: &mut Actions) {
    let (Some(project), Some(document)) = (&state.project, &state.document) else {
        ui.weak("No image is open");
        return;
    };
    let edits: Vec<&Edit> = document.history.edits().collect();
    let (done, _) = document.history.depths();
    let now = SystemTime::now();
    let wanted = history_list::show(ui, edits.len() + 1, done, |place| {
        match place.checked_sub(1).and_then(|place| edits.get(place)) {
            Some(edit) => row(edit, &project.palette, now),
            None => HistoryRow {
                name: "Before",
                ..HistoryRow::default()
            },
        }
    });
    if let Some(depth) = wanted.filter(|_| state.is_at_rest()) {
        actions.send(Action::Jump(depth));
    }
    ui.ctx().request_repaint_after(REFRESH);
}

fn row<'a>(edit: &'a Edit, palette: &Palette, now: SystemTime) -> HistoryRow<'a> {
    let name = edit.name();
    let age = edit.made().and_then(|made| now.duration_since(made).ok());
    HistoryRow {
        name: if name.is_empty() { "Change" } else { name },
        color: palette.class(edit.class()).map(|class| class.color),
        size: format!("{} px", count_text(edit.changed())),
        age: age.map(age_text).unwrap_or_default(),
    }
}

/// "980", "12.3k", "4.1M"
fn count_text(count: u64) -> String {
    let scaled = |unit: f64| {
        let value = count as f64 / unit;
        format!("{value:.*}", usize::from(value < 99.95))
    };
    match count {
        0..1_000 => count.to_string(),
        1_000..1_000_000 => format!("{}k", scaled(1e3)),
        _ => format!("{}M", scaled(1e6)),
    }
}

/// "now", "5 min", "3 h", "12 d"
fn age_text(age: Duration) -> String {
    let minutes = age.as_secs() / 60;
    match minutes {
        0 => "now".to_owned(),
        1..60 => format!("{minutes} min"),
        60..1_440 => format!("{} h", minutes / 60),
        _ => format!("{} d", minutes / 1_440),
    }
}

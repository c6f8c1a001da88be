//! A running job in the status bar: what, how far, how fast, how long, and a button to stop it.

use std::time::Duration;

use egui::{FontId, Rect, RichText, Role, Sense, Ui, WidgetInfo, vec2};

use crate::buttons;
use crate::icons::Icon;
use crate::theme;

/// Width of the bar in points.
const BAR: f32 = 120.0;

/// How a job is doing.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The job's name.
    pub label: &'a str,
    /// Units done.
    pub done: u64,
    /// Units in all; 0 when that is not known yet.
    pub total: u64,
    /// Units a second, once it is known.
    pub rate: Option<f64>,
    /// Time left, once it is known.
    pub eta: Option<Duration>,
    /// It was asked to stop and has not yet.
    pub stopping: bool,
    /// The units are bytes, to be shown as megabytes.
    pub bytes: bool,
}

impl Progress<'_> {
    /// Done from 0 to 1; 0 when the total is not known.
    #[must_use]
    pub fn fraction(&self) -> f32 {
        if self.total == 0 {
            0.0
        } else {
            (self.done as f32 / self.total as f32).min(1.0)
        }
    }

    /// "12/480, 8.3/s, 56 s left".
    #[must_use]
    pub fn figures(&self) -> String {
        let mut text = self.count();
        if self.stopping {
            text.push_str(", stopping");
            return text;
        }
        if let Some(rate) = self.rate {
            if self.bytes {
                text.push_str(&format!(", {} MB/s", short(megabytes(rate))));
            } else {
                text.push_str(&format!(", {}/s", short(rate)));
            }
        }
        if let Some(eta) = self.eta {
            text.push_str(&format!(", {} left", duration(eta)));
        }
        text
    }

    /// "12/480", "9.3/23.0 MB"; without the total where that is not known.
    fn count(&self) -> String {
        let [done, total] = [self.done, self.total].map(|bytes| megabytes(bytes as f64));
        match (self.total, self.bytes) {
            (0, false) => format!("{}", self.done),
            (_, false) => format!("{}/{}", self.done, self.total),
            (0, true) => format!("{done:.1} MB"),
            (_, true) => format!("{done:.1}/{total:.1} MB"),
        }
    }
}

fn megabytes(bytes: f64) -> f64 {
    bytes / 1e6
}

/// Shows the job in one line; says whether its stop button was clicked.
pub fn show(ui: &mut Ui, progress: &Progress<'_>) -> bool {
    let tokens = theme::tokens(ui.ctx());
    let c = &tokens.color;
    let mut stop = false;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = tokens.space.item;
        let small = FontId::proportional(tokens.text.small);
        ui.label(RichText::new(progress.label).font(small.clone()));
        let (rect, response) = ui.allocate_exact_size(vec2(BAR, 4.0), Sense::hover());
        response.widget_info(|| {
            let label = format!("{}, {}", progress.label, progress.figures());
            WidgetInfo::labeled(Role::ProgressIndicator, true, label)
        });
        ui.painter().rect_filled(rect, 2.0, c.button);
        let filled = Rect::from_min_size(rect.min, vec2(BAR * progress.fraction(), rect.height()));
        ui.painter().rect_filled(filled, 2.0, c.accent);
        let figures = RichText::new(progress.figures())
            .font(small)
            .color(c.text_weak);
        ui.label(figures);
        let name = format!("Stop {}", progress.label);
        // Lower than other buttons: a bar of a row's height keeps it when a job begins.
        let side = tokens.space.row - 4.0;
        let enabled = !progress.stopping;
        stop = buttons::icon_of_side(ui, Icon::Stop, &name, None, enabled, side).clicked();
    });
    stop
}

/// Two or three significant digits.
fn short(value: f64) -> String {
    if value >= 10.0 {
        format!("{value:.0}")
    } else if value >= 1.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

/// The largest unit that fits, and the next one.
#[must_use]
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs_f64().round() as u64;
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, _) => format!("{minutes} min {} s", seconds % 60),
        _ => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_say_what_is_known() {
        let mut progress = Progress {
            label: "Predict folder",
            done: 12,
            total: 480,
            rate: None,
            eta: None,
            stopping: false,
            bytes: false,
        };
        assert_eq!(progress.figures(), "12/480");
        progress.rate = Some(8.34);
        progress.eta = Some(Duration::from_millis(56_120));
        assert_eq!(progress.figures(), "12/480, 8.3/s, 56 s left");
        progress.stopping = true;
        assert_eq!(progress.figures(), "12/480, stopping");
        progress.total = 0;
        assert_eq!(progress.fraction(), 0.0);
        let bytes = Progress {
            done: 9_300_000,
            total: 23_000_000,
            rate: Some(5.1e6),
            stopping: false,
            bytes: true,
            ..progress
        };
        assert_eq!(bytes.figures(), "9.3/23.0 MB, 5.1 MB/s, 56 s left");
    }

    #[test]
    fn durations_have_two_units_at_most() {
        let text = |seconds| duration(Duration::from_secs(seconds));
        assert_eq!(text(59), "59 s");
        assert_eq!(text(60), "1 min 0 s");
        assert_eq!(text(3599), "59 min 59 s");
        assert_eq!(text(7384), "2 h 3 min");
    }
}

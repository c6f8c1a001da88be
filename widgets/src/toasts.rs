//! Notes in the corner of the window: they come, say one thing, and go.

use std::time::Duration;

use egui::{
    Align2, Area, Context, Frame, Id, Order, Rect, RichText, Role, Sense, UiBuilder, WidgetInfo,
    vec2,
};

use crate::buttons;
use crate::icons::{self, Icon};
use crate::theme::{self, Colors};

/// Notes in view at once; older ones give way.
const MOST: usize = 5;

/// Width of a note in points.
const WIDTH: f32 = 320.0;

/// How much a note matters.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Level {
    /// Good to know.
    Info,
    /// Something is done.
    Success,
    /// Something wants attention.
    Warning,
    /// Something failed: stays until it is closed.
    Error,
}

impl Level {
    fn icon(self) -> Icon {
        match self {
            Self::Info => Icon::Info,
            Self::Success => Icon::Check,
            Self::Warning => Icon::Warning,
            Self::Error => Icon::Error,
        }
    }

    fn color(self, colors: &Colors) -> egui::Color32 {
        match self {
            Self::Info => colors.info,
            Self::Success => colors.success,
            Self::Warning => colors.warning,
            Self::Error => colors.error,
        }
    }

    /// How long a note of this level stays; `None` until it is closed.
    fn lifetime(self) -> Option<Duration> {
        match self {
            Self::Info | Self::Success => Some(Duration::from_secs(4)),
            Self::Warning => Some(Duration::from_secs(8)),
            Self::Error => None,
        }
    }
}

#[derive(Clone, Debug)]
struct Toast {
    number: u64,
    level: Level,
    text: String,
    /// A button's text and what it stands for, where the note has one.
    offer: Option<(&'static str, usize)>,
    /// egui's clock when it was first shown.
    since: Option<f64>,
}

/// The notes that are shown now.
#[derive(Clone, Debug, Default)]
pub struct Toasts {
    toasts: Vec<Toast>,
    next: u64,
}

impl Toasts {
    /// Adds a note. The same text again renews the note that is there.
    pub fn add(&mut self, level: Level, text: impl Into<String>) {
        self.push(level, text.into(), None);
    }

    /// Adds a note with a button; [`Toasts::show`] returns `key` when it is clicked. It stays twice
    /// as long as one without.
    pub fn offer(
        &mut self,
        level: Level,
        text: impl Into<String>,
        button: &'static str,
        key: usize,
    ) {
        self.push(level, text.into(), Some((button, key)));
    }

    fn push(&mut self, level: Level, text: String, offer: Option<(&'static str, usize)>) {
        self.toasts
            .retain(|toast| toast.level != level || toast.text != text);
        self.toasts.push(Toast {
            number: self.next,
            level,
            text,
            offer,
            since: None,
        });
        self.next += 1;
        if self.toasts.len() > MOST {
            self.toasts.remove(0);
        }
    }

    /// The texts in view, oldest first.
    pub fn texts(&self) -> impl Iterator<Item = (Level, &str)> {
        self.toasts
            .iter()
            .map(|toast| (toast.level, toast.text.as_str()))
    }

    /// Shows the notes above the lower right corner, `bottom` points from the window's edge.
    /// Returns the key of the button that was clicked; its note goes.
    pub fn show(&mut self, ctx: &Context, bottom: f32) -> Option<usize> {
        let now = ctx.input(|input| input.time);
        self.expire(ctx, now);
        let (mut closed, mut taken) = (None, None);
        if self.toasts.is_empty() {
            return None;
        }
        Area::new(Id::unique("toasts"))
            .order(Order::Tooltip)
            .anchor(Align2::RIGHT_BOTTOM, vec2(-12.0, -bottom))
            .show(ctx, |ui| {
                for toast in &self.toasts {
                    match show_toast(ui, toast) {
                        Some(Answer::Close) => closed = Some(toast.number),
                        Some(Answer::Take(key)) => {
                            (closed, taken) = (Some(toast.number), Some(key));
                        }
                        None => {}
                    }
                }
            });
        self.toasts.retain(|toast| Some(toast.number) != closed);
        taken
    }

    /// Drops notes whose time is over, and asks to be called when the next one's is.
    fn expire(&mut self, ctx: &Context, now: f64) {
        self.toasts.retain_mut(|toast| {
            let since = *toast.since.get_or_insert(now);
            let Some(lifetime) = toast.level.lifetime() else {
                return true;
            };
            let times = if toast.offer.is_some() { 2.0 } else { 1.0 };
            let left = times * lifetime.as_secs_f64() - (now - since);
            if left > 0.0 {
                ctx.request_repaint_after(Duration::from_secs_f64(left));
            }
            left > 0.0
        });
    }
}

/// What a person does with a note.
enum Answer {
    Close,
    /// Clicks the button with this key.
    Take(usize),
}

/// Paints one note.
fn show_toast(ui: &mut egui::Ui, toast: &Toast) -> Option<Answer> {
    let tokens = theme::tokens(ui.ctx());
    let c = &tokens.color;
    let frame = Frame::popup(ui.style()).inner_margin(egui::Margin::symmetric(12, 10));
    let mut answer = None;
    frame.show(ui, |ui| {
        ui.set_width(WIDTH - 24.0);
        ui.horizontal_top(|ui| {
            let ink = toast.level.color(c);
            let side = vec2(tokens.space.icon, 18.0);
            let (at, _) = ui.allocate_exact_size(side, Sense::hover());
            icons::paint(
                ui.painter(),
                at.center(),
                toast.level.icon(),
                tokens.space.icon,
                ink,
            );
            let text = RichText::new(&toast.text).color(c.text_strong);
            let room = Rect::from_min_size(
                ui.cursor().min,
                vec2(ui.available_width() - 28.0, f32::INFINITY),
            );
            let label = ui
                .scope_builder(UiBuilder::new().max_rect(room), |ui| {
                    ui.add(egui::Label::new(text).wrap())
                })
                .inner;
            label.widget_info(|| WidgetInfo::labeled(Role::Alert, true, &toast.text));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Min), |ui| {
                if buttons::icon_of_side(ui, Icon::Close, "Close", None, true, 20.0).clicked() {
                    answer = Some(Answer::Close);
                }
            });
        });
        if let Some((button, key)) = toast.offer {
            ui.horizontal(|ui| {
                ui.add_space(tokens.space.icon + tokens.space.item);
                let response = ui.button(button);
                let name = || format!("{button}: {}", toast.text);
                response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name()));
                if response.clicked() {
                    answer = Some(Answer::Take(key));
                }
            });
        }
    });
    answer
}

//! A person who corrects an image: always the largest wrong area, with the gesture that mends most.

use atrous::command::Command;
use atrous_engine::mask::{Brush, BrushShape, Rect, Span};
use atrous_palettes::VOID;
use egui::{Event, Key, Modifiers, PointerButton};

use super::geometry::{Area, middle, ways};
use crate::window::desk::Desk;

/// The part of the truth's pixels that the labels are to agree with.
pub const GOAL: f64 = 0.95;

/// Nobody goes on for longer.
const MOST: u32 = 600;

/// What a person takes into the hand besides the brush.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aid {
    Nothing,
    Superpixels,
    SmartClicks,
}

/// What it took.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// The part of the pixels that agreed before.
    pub before: f64,
    /// The part that agrees in the end.
    pub after: f64,
    /// Drags, clicks, and presses of Enter and Esc.
    pub gestures: u32,
}

/// A straight drag that was thought about, and the pixels that it would mend.
struct Drag {
    ends: [[u32; 2]; 2],
    /// The brush's diameter.
    diameter: u32,
    gain: i64,
}

pub struct Person<'a> {
    desk: &'a mut Desk,
    truth: Vec<u8>,
    size: [u32; 2],
    gestures: u32,
    /// Where smart clicks were tried and given up.
    given_up: Vec<[u32; 2]>,
}

impl<'a> Person<'a> {
    /// Sits down before an image whose truth is known, row after row.
    pub fn new(desk: &'a mut Desk, truth: Vec<u8>) -> Self {
        let size = desk.state().document.as_ref().expect("an image").size;
        assert_eq!(truth.len(), (size[0] * size[1]) as usize);
        Self {
            desk,
            truth,
            size,
            gestures: 0,
            given_up: Vec::new(),
        }
    }

    /// Corrects until the labels agree well enough with the truth.
    pub fn correct(mut self, aid: Aid) -> Effort {
        let before = self.agreement();
        while self.agreement() < GOAL && self.gestures < MOST {
            let Some((class, area)) = self.largest_wrong() else {
                break;
            };
            self.take_class(class);
            let from = middle(self.size, &area);
            let brush = self.brush_drag(class, from);
            match aid {
                Aid::Nothing => self.paint(&brush),
                Aid::Superpixels => {
                    match self
                        .superpixel_drag(class, from)
                        .filter(|drag| drag.gain > brush.gain)
                    {
                        Some(drag) => self.drag_over_superpixels(&drag),
                        None => self.paint(&brush),
                    }
                }
                // A stroke that mends most of it is the quickest, and a click is not even tried.
                Aid::SmartClicks if 2 * brush.gain >= area.len() as i64 => self.paint(&brush),
                Aid::SmartClicks if self.given_up.contains(&from) => self.paint(&brush),
                Aid::SmartClicks => self.click(class, from, &area, &brush),
            }
        }
        Effort {
            before,
            after: self.agreement(),
            gestures: self.gestures,
        }
    }

    fn agreement(&self) -> f64 {
        let labels = self.desk.labels();
        let pairs = || {
            labels
                .iter()
                .zip(&self.truth)
                .filter(|(_, truth)| **truth != VOID)
        };
        pairs().filter(|(label, truth)| label == truth).count() as f64 / pairs().count() as f64
    }

    /// The largest connected area that is to have one class and has another.
    fn largest_wrong(&self) -> Option<(u8, Vec<usize>)> {
        let labels = self.desk.labels();
        let mut classes: Vec<u8> = self.truth.clone();
        classes.sort_unstable();
        classes.dedup();
        let areas = classes
            .iter()
            .filter(|class| **class != VOID)
            .flat_map(|class| {
                let wrong = |pixel: usize| self.truth[pixel] == *class && labels[pixel] != *class;
                let components = Area::new(self.size, wrong).components();
                components.into_iter().map(|component| (*class, component))
            });
        areas.max_by_key(|(_, component)| component.len())
    }

    /// Pixels mended less pixels spoilt, if these get the class.
    fn gain(&self, class: u8, labels: &[u8], spans: &[Span]) -> i64 {
        let mut done = std::collections::HashSet::new();
        let pixels = spans.iter().flat_map(|span| {
            let row = (span.y * self.size[0]) as usize;
            row + span.start as usize..row + span.end as usize
        });
        pixels
            .filter(|pixel| done.insert(*pixel))
            .map(|pixel| match self.truth[pixel] {
                VOID => 0,
                truth if truth == class => i64::from(labels[pixel] != class),
                truth => -i64::from(labels[pixel] == truth),
            })
            .sum()
    }

    /// The best straight stroke of the brush through a pixel that spoils nothing.
    fn brush_drag(&self, class: u8, from: [u32; 2]) -> Drag {
        let labels = self.desk.labels();
        let free =
            |pixel: usize| matches!(self.truth[pixel], truth if truth == class || truth == VOID);
        let depths = Area::new(self.size, free).depths();
        let depth = |[x, y]: [u32; 2]| depths[(y * self.size[0] + x) as usize];
        let bounds = Rect::new(0, 0, self.size[0], self.size[1]);
        let mut best: Option<Drag> = None;
        for part in [1.0, 0.75, 0.5] {
            let diameter = ((2.0 * part * depth(from) - 1.0) as u32).clamp(1, 500);
            let radius = diameter as f32 / 2.0;
            let goes = |at: [u32; 2]| depth(at) >= radius;
            for ends in ways(self.size, from, goes) {
                let brush = Brush {
                    shape: BrushShape::Round,
                    radius,
                };
                let [a, b] = ends.map(|end| end.map(|place| place as f32 + 0.5));
                let gain = self.gain(class, &labels, &brush.segment(a, b, bounds));
                if best.as_ref().is_none_or(|best| gain > best.gain) {
                    best = Some(Drag {
                        ends,
                        diameter,
                        gain,
                    });
                }
            }
        }
        best.expect("there are ways in every direction")
    }

    /// The best straight drag over superpixels through a pixel, stopping before those that it would
    /// spoil.
    fn superpixel_drag(&self, class: u8, from: [u32; 2]) -> Option<Drag> {
        let labels = self.desk.labels();
        let document = self.desk.state().document.as_ref()?;
        let superpixels = document.scene.superpixels.as_ref()?;
        let mut known = std::collections::HashMap::new();
        for y in 0..self.size[1] {
            for (_, region) in superpixels.pieces(y, 0..self.size[0]) {
                known
                    .entry(region)
                    .or_insert_with(|| self.gain(class, &labels, &superpixels.spans(region)));
            }
        }
        let region = |[x, y]: [u32; 2]| superpixels.at(x, y).expect("inside the image");
        let goes = |at: [u32; 2]| known[&region(at)] >= 0;
        let gain = |[a, b]: [[u32; 2]; 2]| -> i64 {
            let steps = a[0].abs_diff(b[0]).max(a[1].abs_diff(b[1])).max(1);
            let mut crossed: Vec<u32> = (0..=steps)
                .map(|step| {
                    let part = step as f32 / steps as f32;
                    let at = [0, 1].map(|axis| {
                        let (a, b) = (a[axis] as f32 + 0.5, b[axis] as f32 + 0.5);
                        (a + part * (b - a)) as u32
                    });
                    region(at)
                })
                .collect();
            crossed.sort_unstable();
            crossed.dedup();
            crossed.iter().map(|region| known[region]).sum()
        };
        if known[&region(from)] <= 0 {
            return None;
        }
        let drags = ways(self.size, from, goes).into_iter().map(|ends| Drag {
            ends,
            diameter: 1,
            gain: gain(ends),
        });
        drags.max_by_key(|drag| drag.gain)
    }

    fn paint(&mut self, drag: &Drag) {
        self.desk.command(Command::Brush);
        self.desk.slide("Size", f64::from(drag.diameter));
        assert_eq!(self.desk.state().settings.brush, drag.diameter);
        self.drag(drag);
    }

    fn drag_over_superpixels(&mut self, drag: &Drag) {
        self.take_superpixels();
        self.drag(drag);
    }

    /// Takes the superpixels into the hand and waits until they are there.
    pub fn take_superpixels(&mut self) {
        self.desk.command(Command::Superpixels);
        self.desk.wait_until("there are superpixels", |state| {
            state
                .document
                .as_ref()
                .is_some_and(|document| document.scene.superpixels.is_some())
        });
    }

    fn drag(&mut self, drag: &Drag) {
        self.desk.drag(&drag.ends);
        self.gestures += 1;
    }

    /// Clicks, mends what was found with up to two further clicks, and keeps it where that was
    /// worth more than as many strokes of the brush.
    fn click(&mut self, class: u8, from: [u32; 2], area: &[usize], brush: &Drag) {
        self.desk.command(Command::SmartClick);
        let before = self.desk.labels();
        let mut presses = 0;
        let (mut at, mut button) = (from, PointerButton::Primary);
        loop {
            self.desk.drag_with(button, &[at]);
            presses += 1;
            self.desk
                .wait_until("it is found", |state| !state.searches.is_busy());
            if presses == 3 {
                break;
            }
            let Some((next, inside, count)) = self.worst_of(class, &before, area) else {
                break;
            };
            // What is left over is not worth a click.
            if (count as i64) < brush.gain {
                break;
            }
            at = next;
            button = if inside {
                PointerButton::Primary
            } else {
                PointerButton::Secondary
            };
        }
        let now = self.desk.labels();
        let right = |labels: &[u8]| {
            let pairs = labels.iter().zip(&self.truth);
            pairs
                .filter(|(label, truth)| **truth != VOID && label == truth)
                .count() as i64
        };
        let gain = right(&now) - right(&before);
        self.gestures += presses + 1;
        if gain >= brush.gain * i64::from(presses + 1) {
            self.desk.press(Key::Enter);
            self.desk
                .wait_until("it is kept", |state| !state.tool.is_busy());
        } else {
            self.desk.press(Key::Escape);
            self.given_up.push(from);
            self.paint(brush);
        }
    }

    /// The largest area that a preview misses of what was aimed at, or takes too much of: its
    /// middle, whether it belongs inside, and its pixels.
    fn worst_of(
        &self,
        class: u8,
        before: &[u8],
        aimed: &[usize],
    ) -> Option<([u32; 2], bool, usize)> {
        let now = self.desk.labels();
        let mut aim = vec![false; now.len()];
        aimed.iter().for_each(|pixel| aim[*pixel] = true);
        let missed = Area::new(self.size, |pixel| aim[pixel] && now[pixel] != class);
        let spoilt = Area::new(self.size, |pixel| {
            now[pixel] != before[pixel] && before[pixel] == self.truth[pixel]
        });
        let largest = |area: &Area| area.components().into_iter().max_by_key(Vec::len);
        let both = [(largest(&missed), true), (largest(&spoilt), false)];
        let found = both
            .into_iter()
            .filter_map(|(area, inside)| Some((area?, inside)));
        let (area, inside) = found.max_by_key(|(area, _)| area.len())?;
        Some((middle(self.size, &area), inside, area.len()))
    }

    /// Takes a class by its key, or by its name where it has none.
    fn take_class(&mut self, class: u8) {
        const DIGITS: [Key; 10] = [
            Key::Num1,
            Key::Num2,
            Key::Num3,
            Key::Num4,
            Key::Num5,
            Key::Num6,
            Key::Num7,
            Key::Num8,
            Key::Num9,
            Key::Num0,
        ];
        match class {
            0..10 => self.desk.press(DIGITS[usize::from(class)]),
            10..20 => self
                .desk
                .chord(Modifiers::SHIFT, DIGITS[usize::from(class) - 10]),
            _ => {
                let project = self.desk.state().project.as_ref().expect("a project");
                let name = project.palette.class(class).expect("a class").name.clone();
                self.desk.press(Key::Slash);
                self.desk.harness.event(Event::Text(name));
                self.desk.settle();
                self.desk.press(Key::Enter);
            }
        }
        assert_eq!(self.desk.state().classes.current, class);
    }
}

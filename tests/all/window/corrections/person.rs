//! A person who corrects an image: always the largest wrong area, with the gesture that mends most.

use atrous::command::Command;
use atrous_engine::mask::{Brush, BrushShape, Rect, Span};
use atrous_palettes::VOID;
use egui::{Event, Key, Modifiers};

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
    /// Superpixels and smart clicks.
    All,
}

impl Aid {
    pub fn has_superpixels(self) -> bool {
        matches!(self, Self::Superpixels | Self::All)
    }

    fn has_smart_clicks(self) -> bool {
        matches!(self, Self::SmartClicks | Self::All)
    }
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

/// What a person has seen of smart clicks on an image.
struct Experience {
    strokes: f64,
    /// What they mended, in strokes of the brush through the same places.
    worth: f64,
}

impl Experience {
    /// What to expect of the next one, in strokes of the brush: a tenth more, until experience says
    /// otherwise.
    fn hope(&self) -> f64 {
        const EXPECTED: f64 = 1.1;
        const WEIGHT: f64 = 3.0;
        (self.worth + WEIGHT * EXPECTED) / (self.strokes + WEIGHT)
    }
}

pub struct Person<'a> {
    desk: &'a mut Desk,
    truth: Vec<u8>,
    size: [u32; 2],
    gestures: u32,
    /// The tool in the hand, and the class.
    hand: Option<Command>,
    class: Option<u8>,
    experience: Experience,
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
            hand: None,
            class: None,
            experience: Experience {
                strokes: 0.0,
                worth: 0.0,
            },
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
            let superpixels = aid
                .has_superpixels()
                .then(|| self.superpixel_drag(class, from))
                .flatten();
            let hope = if aid.has_smart_clicks() {
                self.experience.hope()
            } else {
                0.0
            };
            let wanted = brush.gain as f64 * hope.max(1.0);
            match superpixels.filter(|drag| drag.gain as f64 > wanted) {
                Some(drag) => self.drag_over_superpixels(&drag),
                None if hope >= 1.0 => self.stroke_smartly(&brush),
                None => {
                    self.paint(&brush);
                    // Things look up again after a while.
                    self.experience.worth += 0.02;
                }
            }
        }
        // What a smart click shows stays when the tool is laid down.
        self.take(Command::Select);
        Effort {
            before,
            after: self.agreement(),
            gestures: self.gestures,
        }
    }

    fn agreement(&self) -> f64 {
        let known = self.truth.iter().filter(|truth| **truth != VOID).count();
        self.right() as f64 / known as f64
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

    /// Takes a tool into the hand, if it is not there.
    fn take(&mut self, tool: Command) {
        if self.hand != Some(tool) {
            self.desk.command(tool);
            self.hand = Some(tool);
        }
    }

    fn take_size(&mut self, drag: &Drag) {
        self.desk.slide("Size", f64::from(drag.diameter));
        assert_eq!(self.desk.state().settings.brush, drag.diameter);
    }

    fn paint(&mut self, drag: &Drag) {
        self.take(Command::Brush);
        self.take_size(drag);
        self.drag(drag);
    }

    fn drag_over_superpixels(&mut self, drag: &Drag) {
        self.take_superpixels();
        self.drag(drag);
    }

    /// Takes the superpixels into the hand and waits until they are there.
    pub fn take_superpixels(&mut self) {
        self.take(Command::Superpixels);
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

    /// Draws a stroke of the brush with the smart click instead, and looks at what is shown: where
    /// that is worth less than half of the brush's stroke, it is taken back and the brush paints.
    fn stroke_smartly(&mut self, brush: &Drag) {
        self.take(Command::SmartClick);
        self.desk.wait_until("the network is asked", |state| {
            let document = state.document.as_ref();
            document.is_some_and(|document| document.scene.probabilities.is_some())
        });
        self.take_size(brush);
        let before = self.right();
        self.drag(brush);
        self.desk
            .wait_until("it is found", |state| !state.searches.is_busy());
        let gain = self.right() - before;
        self.experience.strokes += 1.0;
        self.experience.worth += (gain as f64 / brush.gain as f64).clamp(-1.0, 2.0);
        if 2 * gain < brush.gain {
            self.desk.press(Key::Escape);
            self.gestures += 1;
            self.paint(brush);
        }
    }

    /// How many pixels are as they are to be.
    fn right(&self) -> i64 {
        let labels = self.desk.labels();
        let pairs = labels.iter().zip(&self.truth);
        pairs
            .filter(|(label, truth)| **truth != VOID && label == truth)
            .count() as i64
    }

    /// Takes a class by its key, or by its name where it has none.
    fn take_class(&mut self, class: u8) {
        if self.class.replace(class) == Some(class) {
            return;
        }
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

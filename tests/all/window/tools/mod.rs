//! The tools without a window: a small map and a tool at work on it.

mod brush;
mod fill;
mod grab_cut;
mod outlines;
mod polygon;
mod select;
mod sight;
mod smart_click;
mod superpixel;
mod wand;

use std::sync::Arc;

use atrous::tools::{
    Bench, Button, Figure, Hand, Held, Input, Outcome, Scene, SelectedArea, Tool, ToolKind,
    ToolOptions, WandOptions,
};
use atrous_engine::jobs::Cancel;
use atrous_engine::mask::{Brush, BrushShape, LabelMap, Point, Protection};
use atrous_widgets::canvas::Pyramid;

/// Shift is held.
pub const SHIFT: Held = Held {
    shift: true,
    alt: false,
    command: false,
};

/// Alt is held.
pub const ALT: Held = Held {
    alt: true,
    shift: false,
    command: false,
};

/// A map of 64 x 64 pixels of class 0 with a tool at work on it.
pub struct Rig {
    pub labels: LabelMap,
    pub protection: Protection,
    pub scene: Scene,
    pub contiguous: bool,
    pub tool: Tool,
    pub options: ToolOptions,
    pub selection: Option<SelectedArea>,
    pub brush: Brush,
}

impl Rig {
    pub fn new(kind: ToolKind) -> Self {
        Self {
            labels: LabelMap::filled(64, 64, 0),
            protection: Protection::NONE,
            scene: Scene::new(Arc::new(
                Pyramid::new([64, 64], vec![90; 64 * 64 * 3]).unwrap(),
            )),
            contiguous: true,
            tool: Tool::new(kind),
            options: ToolOptions::default(),
            selection: None,
            brush: Brush {
                shape: BrushShape::Round,
                radius: 4.0,
            },
        }
    }

    /// A rig on an image of this colour at each pixel.
    pub fn on_image(kind: ToolKind, color: impl Fn(u32, u32) -> [u8; 3]) -> Self {
        let places = (0..64).flat_map(|y| (0..64).map(move |x| (x, y)));
        let rgb = places.flat_map(|(x, y)| color(x, y)).collect();
        Self {
            scene: Scene::new(Arc::new(Pyramid::new([64, 64], rgb).unwrap())),
            ..Self::new(kind)
        }
    }

    /// Looks for what the tool wants to know, as the threads behind the window do, and hands it back.
    pub fn answer(&mut self, outcome: &Outcome, last: bool) -> Outcome {
        let search = outcome.search.as_ref().expect("something to look for");
        let spans = search.run(&self.scene, &Cancel::default()).unwrap();
        self.work(|tool, bench| tool.found(spans, last, bench))
    }

    pub fn send(&mut self, input: Input) -> Outcome {
        self.work(|tool, bench| tool.handle(input, bench))
    }

    fn work(&mut self, act: impl FnOnce(&mut Tool, &mut Bench<'_>) -> Outcome) -> Outcome {
        let mut bench = Bench {
            labels: &mut self.labels,
            protection: &self.protection,
            class: 3,
            brush: self.brush,
            wand: WandOptions {
                tolerance: 10,
                contiguous: self.contiguous,
            },
            scene: &self.scene,
            selection: self.selection.as_ref(),
            options: &self.options,
            reach: 3.0,
        };
        let outcome = act(&mut self.tool, &mut bench);
        if let Some(selection) = &outcome.selection {
            self.selection.clone_from(selection);
        }
        outcome
    }

    pub fn press(&mut self, at: Point, button: Button) -> Outcome {
        self.send(Input::press(at, button))
    }

    pub fn press_holding(&mut self, at: Point, held: Held) -> Outcome {
        self.send(Input::Press {
            at,
            button: Button::Primary,
            held,
            pressure: None,
        })
    }

    pub fn click(&mut self, at: Point) -> Outcome {
        self.press(at, Button::Primary);
        self.send(Input::Release)
    }

    /// The rings that the tool shows.
    pub fn rings(&self) -> Vec<Vec<Point>> {
        let hand = Hand {
            pointer: None,
            reach: 3.0,
            brush: self.brush,
        };
        let figures = self.tool.preview(&hand).into_iter();
        figures
            .filter_map(|figure| match figure {
                Figure::Rings { rings, .. } => Some(rings),
                _ => None,
            })
            .flatten()
            .collect()
    }
}

//! The tools without a window: a small map and a tool at work on it.

mod brush;
mod grab_cut;
mod polygon;
mod select;
mod sight;
mod smart_click;
mod superpixel;
mod wand;

use std::sync::Arc;

use atrous::tools::{Bench, Button, Input, Outcome, Scene, Tool, ToolKind, WandOptions};
use atrous_engine::jobs::Cancel;
use atrous_engine::mask::{Brush, BrushShape, LabelMap, Point, Protection};
use atrous_widgets::canvas::Pyramid;

/// A map of 64 x 64 pixels of class 0 with a tool at work on it.
pub struct Rig {
    pub labels: LabelMap,
    pub protection: Protection,
    pub scene: Scene,
    pub contiguous: bool,
    pub tool: Tool,
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
            brush: Brush {
                shape: BrushShape::Round,
                radius: 4.0,
            },
            wand: WandOptions {
                tolerance: 10,
                contiguous: self.contiguous,
            },
            scene: &self.scene,
            reach: 3.0,
        };
        act(&mut self.tool, &mut bench)
    }

    pub fn press(&mut self, at: Point, button: Button) -> Outcome {
        self.send(Input::Press {
            at,
            button,
            straight: false,
        })
    }

    pub fn click(&mut self, at: Point) -> Outcome {
        self.press(at, Button::Primary);
        self.send(Input::Release)
    }
}

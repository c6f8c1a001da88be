//! The tools without a window: a small map and a tool at work on it.

mod brush;
mod polygon;
mod select;

use atrous::tools::{Bench, Button, Input, Outcome, Tool, ToolKind};
use atrous_engine::mask::{Brush, BrushShape, LabelMap, Point, Protection};

/// A map of 64 x 64 pixels of class 0 with a tool at work on it.
pub struct Rig {
    pub labels: LabelMap,
    pub protection: Protection,
    pub tool: Tool,
}

impl Rig {
    pub fn new(kind: ToolKind) -> Self {
        Self {
            labels: LabelMap::filled(64, 64, 0),
            protection: Protection::NONE,
            tool: Tool::new(kind),
        }
    }

    pub fn send(&mut self, input: Input) -> Outcome {
        let mut bench = Bench {
            labels: &mut self.labels,
            protection: &self.protection,
            class: 3,
            brush: Brush {
                shape: BrushShape::Round,
                radius: 4.0,
            },
            reach: 3.0,
        };
        self.tool.handle(input, &mut bench)
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

//! Widgets, driven without a display.

mod canvas_input;
mod canvas_pixels;
mod lists;
#[path = "../../widgets/examples/gallery/scenes.rs"]
mod scenes;
pub mod screen;
mod snapshots;

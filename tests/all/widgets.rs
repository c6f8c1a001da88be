//! Widgets, driven without a display.

mod canvas_input;
mod canvas_large;
mod canvas_look;
mod canvas_pixels;
mod canvas_screen;
mod lists;
#[path = "../../widgets/examples/gallery/scenes.rs"]
mod scenes;
pub mod screen;
mod snapshots;

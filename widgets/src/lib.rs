//! egui widgets that know nothing of the engine.
//!
//! They are handed slices, sizes and closures, and answer with what the user did. Nothing here
//! opens a file, holds a tensor or knows what a project is; a panel of the application reads its
//! state, shows a widget, and turns the answer into commands.
//!
//! Every colour and distance is a named token of [`theme`]; every widget has an accessible name.

pub mod buttons;
pub mod canvas;
pub mod class_keys;
pub mod class_list;
pub mod command_palette;
pub mod curve_plot;
pub mod drop_card;
pub mod film_strip;
pub mod fuzzy;
pub mod history_list;
pub mod icons;
pub mod key_cap;
mod list;
pub mod model_list;
mod paint;
pub mod progress_chip;
pub mod query_field;
pub mod status_bar;
pub mod theme;
pub mod toasts;

pub use paint::search_field;

//! Label maps and the operations on them.
//!
//! A [`LabelMap`] is copy-on-write tiles, so a snapshot costs next to nothing. Shapes (a [`Brush`]
//! stroke, a [`polygon`], a [`fill`]) are lists of [`Span`]s; a [`Gesture`] paints them under a
//! [`Protection`] and ends as one invertible [`Edit`], which [`History`] keeps for undo and redo.
//! An [`Operation`] works on whole classes, a [`Region`] or the map and yields such an edit too.

mod coarse;
pub mod components;
mod coverage;
mod difference;
mod digest;
mod edit;
pub mod fill;
mod gesture;
mod grab_cut;
mod history;
mod label_map;
pub mod live_wire;
pub mod operation;
mod pixels;
pub mod png_file;
pub mod polygon;
mod protection;
mod rect;
mod region;
mod runs;
mod scan;
mod smart_click;
mod span;
mod stroke;
mod superpixels;
mod tally;
pub mod wand;

pub(crate) use digest::Digest;
pub use edit::Edit;
pub use fill::Connectivity;
pub use gesture::Gesture;
pub use grab_cut::GrabCut;
pub use history::{DEFAULT_HISTORY_BYTES, History};
pub use label_map::{LabelMap, TILE};
pub use operation::{Operation, Scope};
pub use pixels::Pixels;
pub use protection::{ClassSet, Protection};
pub use rect::Rect;
pub use region::Region;
pub use smart_click::{Mark, SmartClick};
pub use span::{Point, Span};
pub use stroke::{Brush, BrushShape};
pub use superpixels::{Borders, SlicOptions, Superpixels};
pub use wand::Wand;

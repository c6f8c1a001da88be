//! Classes, colours and label ids: PASCAL VOC, Cityscapes, ADE20K, CamVid, and your own from a TOML file.
//!
//! A label map holds one class index a pixel; a [`Palette`] says what the indices mean. Colours are
//! for the eye alone: several classes of one palette may share a colour.

mod ade20k;
mod camvid;
pub mod cityscapes;
mod colormap;
mod error;
mod file;
mod palette;
mod pascal_voc;

pub use ade20k::NAMES as ADE20K_NAMES;
pub use colormap::bit_shuffle;
pub use error::PaletteError;
pub use palette::{Class, MAX_CLASSES, Palette, VOID};

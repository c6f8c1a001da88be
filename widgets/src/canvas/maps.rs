//! The maps over an image. Their bytes stay with whoever owns them: the canvas reads what it
//! uploads, a tile or a dirty rectangle at a time, and keeps no copy.

use super::pyramid::WrongSize;

/// One byte for each pixel of an image, wherever and however it is kept.
pub trait ByteMap {
    /// Columns and rows.
    fn size(&self) -> [u32; 2];

    /// Copies the pixels of row `y` from column `x` on into `into`. They all lie in the map.
    fn read_row(&self, x: u32, y: u32, into: &mut [u8]);
}

/// The maps of a frame. One that has not the image's size is not shown.
#[derive(Clone, Copy, Default)]
pub struct Maps<'a> {
    /// The label map: a class index for each pixel.
    pub labels: Option<&'a dyn ByteMap>,
    /// Another label map of the image to hold against it: what the model said, or what was before.
    pub reference: Option<&'a dyn ByteMap>,
    /// How sure the model is of each pixel; 255 is certain.
    pub confidence: Option<&'a dyn ByteMap>,
}

impl<'a> Maps<'a> {
    pub(super) fn get(&self, kind: MapKind) -> Option<&'a dyn ByteMap> {
        match kind {
            MapKind::Labels => self.labels,
            MapKind::Reference => self.reference,
            MapKind::Confidence => self.confidence,
        }
    }
}

/// Which of the [`Maps`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MapKind {
    /// The label map.
    Labels,
    /// The label map that it is held against.
    Reference,
    /// The model's confidence.
    Confidence,
}

impl MapKind {
    /// Every kind, in the order of the shader's bindings.
    pub(super) const ALL: [Self; 3] = [Self::Labels, Self::Reference, Self::Confidence];
}

/// Bytes row after row.
#[derive(Clone, Copy, Debug)]
pub struct FlatMap<'a> {
    size: [u32; 2],
    bytes: &'a [u8],
}

impl<'a> FlatMap<'a> {
    /// A map from its bytes, row-major.
    ///
    /// # Errors
    /// [`WrongSize`] when there is not one for every pixel.
    pub fn new(size: [u32; 2], bytes: &'a [u8]) -> Result<Self, WrongSize> {
        WrongSize::check(size, 1, bytes.len())?;
        Ok(Self { size, bytes })
    }
}

impl ByteMap for FlatMap<'_> {
    fn size(&self) -> [u32; 2] {
        self.size
    }

    fn read_row(&self, x: u32, y: u32, into: &mut [u8]) {
        let start = y as usize * self.size[0] as usize + x as usize;
        into.copy_from_slice(&self.bytes[start..start + into.len()]);
    }
}

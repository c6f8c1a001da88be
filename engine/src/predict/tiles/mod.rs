//! Large images through overlapping tiles.
//!
//! The network sees one tile at a time, at the image's own resolution or the one that was asked
//! for. Tiles begin at multiples of the output stride, so that their logits fall on one grid; there
//! they are blended, fading into each other where they overlap, and classified once, a band of rows
//! at a time. Where one tile is enough, this is the prediction of the whole image.

mod axis;
mod mosaic;

use std::time::{Duration, Instant};

use image::RgbImage;

use super::classify::{Classified, Settle, classify};
use super::predictor::View;
use super::{Logits, Prediction, Predictor, Prepared, Timings};
use crate::error::{Error, Result};
use crate::network::Config;
use crate::network::resize::Sampling;
use axis::Axis;
use mosaic::Mosaic;

/// How images that are larger than a tile are predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tiling {
    /// The side of the square that the network sees at once, in pixels; the next multiple of the
    /// output stride, plus 1, is taken.
    pub side: usize,
    /// Pixels that neighbours share at least; `None` is a quarter of the side.
    pub overlap: Option<usize>,
}

/// A [`Tiling`] for a network.
#[derive(Debug, Clone)]
pub(super) struct Grid {
    /// Side of a tile in pixels.
    side: usize,
    /// The same in cells, which are pixels of the output stride.
    cells: usize,
    /// Cells that neighbours share at least.
    overlap: usize,
    /// Image pixels a cell.
    stride: usize,
    /// Logits a cell.
    logits: usize,
    /// What the image's longest side is resized to; `None` leaves the image as it is.
    longest: Option<usize>,
}

impl Grid {
    /// The grid for the network of `config`.
    ///
    /// # Errors
    /// [`Error::Argument`] where two tiles could not overlap without being the same.
    pub(super) fn new(tiling: Tiling, longest: Option<usize>, config: &Config) -> Result<Self> {
        let stride = config.output_stride;
        let cells = tiling.side.saturating_sub(1).div_ceil(stride);
        let overlap = tiling.overlap.unwrap_or(tiling.side / 4);
        let overlap_cells = overlap.div_ceil(stride).max(1);
        if cells < 2 || overlap_cells >= cells {
            return Err(Error::argument(
                "tile",
                format!("tiles of more than {stride} pixels that share less than their side"),
                format!("{} pixels, of which {overlap} shared", tiling.side),
            ));
        }
        Ok(Self {
            side: cells * stride + 1,
            cells,
            overlap: overlap_cells,
            stride,
            logits: stride / config.logits_stride(),
            longest,
        })
    }

    /// Height and width that an image of `size` is predicted at, if that takes more than a tile.
    fn content_of(&self, size: [usize; 2]) -> Option<[usize; 2]> {
        let content = match self.longest {
            Some(longest) => Prepared::content_of(size, longest),
            None => size,
        };
        content
            .iter()
            .any(|&side| side > self.side)
            .then_some(content)
    }

    /// The tiles of `length` pixels.
    fn axis(&self, length: usize) -> Axis {
        let cells = length.saturating_sub(1).div_ceil(self.stride);
        Axis::new(cells, self.cells, self.overlap)
    }
}

/// How an image of one size is cut into tiles.
#[derive(Debug, Clone)]
pub struct Tiles {
    grid: Grid,
    /// Height and width that the image is predicted at.
    content: [usize; 2],
}

impl Predictor {
    /// The tiles for an image of `[height, width]`, where it is too large to be seen at once and
    /// the options want tiles.
    pub fn tiles_for(&self, size: [usize; 2]) -> Option<Tiles> {
        let grid = self.grid.as_ref()?;
        Some(Tiles {
            content: grid.content_of(size)?,
            grid: grid.clone(),
        })
    }

    /// Predicts an image in `tiles`, which are for its size. `between` is called before each run of
    /// the network, and can stop it.
    ///
    /// # Errors
    /// [`Error::Machine`] when the device fails, and those of `between`.
    pub fn predict_in_tiles(
        &self,
        image: &RgbImage,
        tiles: &Tiles,
        between: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Prediction> {
        let mut run = Run {
            predictor: self,
            tiles,
            image,
            timings: Timings::default(),
        };
        let classified = run.classify(between)?;
        let size = [image.height() as usize, image.width() as usize];
        Ok(Prediction::of(
            &classified,
            tiles.content,
            size,
            run.timings,
        ))
    }
}

/// One image on its way through the tiles.
struct Run<'a> {
    predictor: &'a Predictor,
    tiles: &'a Tiles,
    image: &'a RgbImage,
    timings: Timings,
}

impl Run<'_> {
    fn classify(&mut self, between: &mut dyn FnMut() -> Result<()>) -> Result<Classified> {
        let Tiles { grid, content } = self.tiles;
        let (stride, logits) = (grid.stride, grid.logits);
        let [down, across] = content.map(|length| grid.axis(length));
        let (rows, columns) = (down.weights(logits), across.weights(logits));
        let views = self.predictor.views();
        let classes = self.predictor.config().num_classes;
        let mut mosaics: Vec<_> = views
            .iter()
            .map(|_| Mosaic::new(classes, [&down, &across], logits))
            .collect();
        let mut bands = Bands::new(*content, stride / logits, self.predictor.settle());
        for (row, &top) in down.starts.iter().enumerate() {
            let tiles: Vec<_> = across.starts.iter().zip(&columns).collect();
            for batch in tiles.chunks(self.predictor.batch()) {
                between()?;
                let windows = self.windows(top, batch.iter().map(|(left, _)| **left));
                for (view, mosaic) in views.iter().zip(&mut mosaics) {
                    let seen = self.look(&windows, *view)?;
                    for (tile, (left, weights)) in seen.iter().zip(batch) {
                        let place = [top * logits, *left * logits];
                        mosaic.add(tile, place, [&rows[row], weights.as_slice()]);
                    }
                }
            }
            let next = down.starts.get(row + 1).map(|next| next * logits);
            let end = next.unwrap_or(down.length() * logits + 1);
            let start = Instant::now();
            let blended: Vec<_> = mosaics.iter().map(|m| m.rows_until(end)).collect();
            bands.classify(&blended, next.is_none());
            mosaics
                .iter_mut()
                .for_each(|mosaic| mosaic.move_to(end - 1));
            self.timings.postprocess += start.elapsed();
        }
        Ok(bands.finish())
    }

    /// The tiles that begin at cell `top` and at each of `lefts`.
    fn windows(&mut self, top: usize, lefts: impl Iterator<Item = usize>) -> Vec<Prepared> {
        let mean_pixel = self.predictor.config().mean_pixel();
        let windows: Vec<_> = lefts
            .map(|left| {
                let origin = [top, left].map(|cell| cell * self.tiles.grid.stride);
                Prepared::window(
                    self.image,
                    self.tiles.content,
                    origin,
                    self.tiles.grid.side,
                    mean_pixel,
                )
            })
            .collect();
        self.timings.preprocess += windows.iter().map(|w| w.time).sum::<Duration>();
        windows
    }

    /// What the network makes of tiles, on the grid of scale 1.
    fn look(&mut self, windows: &[Prepared], view: View) -> Result<Vec<Logits>> {
        let start = Instant::now();
        let windows: Vec<_> = windows.iter().collect();
        let side = self.tiles.grid.cells * self.tiles.grid.logits + 1;
        let seen = self.predictor.look(&windows, view, Some([side; 2]))?;
        self.timings.network += start.elapsed();
        Ok(seen)
    }
}

/// What has been classified so far, from the top.
struct Bands {
    content: [usize; 2],
    /// Pixels from one logit to the next.
    pitch: usize,
    settle: Settle,
    labels: Vec<u8>,
    confidence: Vec<u8>,
    /// Of the probabilities.
    sum: f64,
}

impl Bands {
    fn new(content: [usize; 2], pitch: usize, settle: Settle) -> Self {
        let pixels = content[0] * content[1];
        Self {
            content,
            pitch,
            settle,
            labels: Vec::with_capacity(pixels),
            confidence: Vec::with_capacity(pixels),
            sum: 0.0,
        }
    }

    /// Classifies the rows between the first and the last of `looks`, whose first is where the band
    /// before ended; the last one's own pixels are left for the band to come, unless it is the last.
    fn classify(&mut self, looks: &[Logits], last: bool) {
        let Some(look) = looks.first() else { return };
        let size = look.size.map(|logits| (logits - 1) * self.pitch + 1);
        let [height, width] = self.content;
        let left = height - self.labels.len() / width.max(1);
        let rows = (size[0] - usize::from(!last)).min(left);
        if rows == 0 {
            return;
        }
        // Whatever the network's own way to upsample: the tiles' common grid has its corners there.
        let aligned = Sampling::AlignedCorners;
        let band = classify(looks, size, [rows, width], self.settle, aligned);
        self.labels.extend(band.labels);
        self.confidence.extend(band.confidence);
        self.sum += band.mean_confidence * (rows * width) as f64;
    }

    fn finish(self) -> Classified {
        Classified {
            mean_confidence: self.sum / self.labels.len().max(1) as f64,
            labels: self.labels,
            confidence: self.confidence,
        }
    }
}

#[cfg(test)]
mod tests;

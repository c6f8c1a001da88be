//! Large images through overlapping tiles.
//!
//! The network sees one tile at a time, at the image's own resolution or the one that was asked
//! for. Tiles begin at multiples of the output stride, so that their logits fall on one grid; there
//! they are blended, fading into each other where they overlap, and classified once, a band of rows
//! at a time. The grid is upsampled as the network's library upsamples the logits of a whole image,
//! padded to the grid's size. Where one tile is enough, this is the prediction of the whole image.

mod axis;
mod mosaic;

use std::time::{Duration, Instant};

use image::RgbImage;

use super::classify::{Classified, Look, Settle, classify};
use super::fit::content_within;
use super::predictor::View;
use super::refine::{Predicted, Resized};
use super::{Logits, Prediction, Predictor, Prepared, Timings};
use crate::error::{Error, Result};
use crate::jobs::{Monitor, Progress};
use crate::network::Config;
use crate::network::resize::{Sampling, Tap};
use axis::{Axis, Density};
use mosaic::Mosaic;

/// How images that are larger than a tile are predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tiling {
    /// The side of the square that the network sees at once, in pixels; the next multiple of the
    /// output stride is taken, plus 1 for networks with TensorFlow's padding.
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
    /// How logits lie on cells.
    logits: Density,
    /// How they are brought to the size of the image.
    sampling: Sampling,
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
        let at_corners = config.pads_to_corners();
        let corner = usize::from(at_corners);
        let cells = tiling.side.saturating_sub(corner).div_ceil(stride);
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
            side: cells * stride + corner,
            cells,
            overlap: overlap_cells,
            stride,
            logits: Density {
                per_cell: stride / config.logits_stride(),
                at_corners,
            },
            sampling: config.sampling(),
            longest,
        })
    }

    /// Height and width that an image of `size` is predicted at, if that takes more than a tile.
    fn content_of(&self, size: [usize; 2]) -> Option<[usize; 2]> {
        let content = match self.longest {
            Some(longest) => content_within(size, [longest; 2]),
            None => size,
        };
        content
            .iter()
            .any(|&side| side > self.side)
            .then_some(content)
    }

    /// The tiles of `length` pixels.
    fn axis(&self, length: usize) -> Axis {
        let cells = length.saturating_sub(self.corner()).div_ceil(self.stride);
        Axis::new(cells, self.cells, self.overlap)
    }

    /// 1 where a pixel stands beyond the last cell, otherwise 0.
    fn corner(&self) -> usize {
        usize::from(self.logits.at_corners)
    }

    /// Pixels of so many cells in a row.
    fn pixels(&self, cells: usize) -> usize {
        cells * self.stride + self.corner()
    }

    /// Where the first `length` pixels of the tiles along `axis` look on their logits.
    fn taps(&self, axis: &Axis, length: usize) -> Vec<Tap> {
        let cells = axis.length();
        let from = self.logits.count(cells);
        let mut taps = self.sampling.taps(from, self.pixels(cells));
        taps.truncate(length);
        taps
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
        let axes = content.map(|length| grid.axis(length));
        if self.predictor.crf().is_some() {
            return self.refine(&axes, between);
        }
        let [down, across] = &axes;
        let classes = self.predictor.config().num_classes;
        let views = self.predictor.views().len();
        let mut mosaics = vec![Mosaic::new(classes, [down, across], grid.logits); views];
        let taps = [0, 1].map(|axis| grid.taps(&axes[axis], content[axis]));
        let mut bands = Bands::new(taps, self.predictor.settle());
        for (row, &top) in down.starts.iter().enumerate() {
            self.add_row(&axes, row, top, &mut mosaics, between)?;
            let next = down.starts.get(row + 1);
            let end = next.map_or(grid.logits.count(down.length()), |next| {
                next * grid.logits.per_cell
            });
            let start = Instant::now();
            let blended: Vec<_> = mosaics.iter().map(|m| m.rows_until(end)).collect();
            bands.classify(&blended);
            mosaics
                .iter_mut()
                .for_each(|mosaic| mosaic.move_to(end - 1));
            self.timings.postprocess += start.elapsed();
        }
        Ok(bands.finish())
    }

    /// As [`Run::classify`], with the dense CRF: it wants to see around itself, so that the logits
    /// of all tiles are put together first. At their own resolution they are few.
    fn refine(
        &mut self,
        axes: &[Axis; 2],
        between: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Classified> {
        let Tiles { grid, content } = self.tiles;
        let [down, across] = axes;
        let classes = self.predictor.config().num_classes;
        let views = self.predictor.views().len();
        let mut mosaics = vec![Mosaic::whole(classes, [down, across], grid.logits); views];
        for (row, &top) in down.starts.iter().enumerate() {
            self.add_row(axes, row, top, &mut mosaics, between)?;
        }
        let start = Instant::now();
        let looks: Vec<_> = mosaics.into_iter().map(Mosaic::into_logits).collect();
        let predicted = Predicted {
            looks: &looks,
            size: [down, across].map(|axis| grid.pixels(axis.length())),
            sampling: grid.sampling,
        };
        let image = Resized {
            image: self.image,
            size: *content,
        };
        let options = self.predictor.crf().cloned().unwrap_or_default();
        let classified = predicted.refined(&image, &options, &mut Between(between));
        self.timings.postprocess += start.elapsed();
        classified
    }

    /// Adds what the network makes of the row of tiles that begins at cell `top`.
    fn add_row(
        &mut self,
        [down, across]: &[Axis; 2],
        row: usize,
        top: usize,
        mosaics: &mut [Mosaic],
        between: &mut dyn FnMut() -> Result<()>,
    ) -> Result<()> {
        let logits = self.tiles.grid.logits;
        let rows = &down.weights(logits)[row];
        let columns = across.weights(logits);
        let tiles: Vec<_> = across.starts.iter().zip(&columns).collect();
        for batch in tiles.chunks(self.predictor.batch()) {
            between()?;
            let windows = self.windows(top, batch.iter().map(|(left, _)| **left));
            for (view, mosaic) in self.predictor.views().into_iter().zip(&mut *mosaics) {
                let seen = self.look(&windows, view)?;
                for (tile, (left, weights)) in seen.iter().zip(batch) {
                    let place = [top, **left].map(|cell| cell * logits.per_cell);
                    mosaic.add(tile, place, [rows, weights.as_slice()]);
                }
            }
        }
        Ok(())
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
        let side = self.tiles.grid.logits.count(self.tiles.grid.cells);
        let seen = self.predictor.look(&windows, view, Some([side; 2]))?;
        self.timings.network += start.elapsed();
        Ok(seen)
    }
}

/// Hears from the dense CRF, and passes on the wish to stop.
struct Between<'a>(&'a mut dyn FnMut() -> Result<()>);

impl Monitor for Between<'_> {
    fn checkpoint(&mut self, _: &Progress) -> Result<()> {
        (self.0)()
    }
}

/// What has been classified so far, from the top.
struct Bands {
    /// Where rows and columns of pixels look on the logits.
    taps: [Vec<Tap>; 2],
    settle: Settle,
    /// Logits, counted from the top, that the next band begins with.
    first: usize,
    labels: Vec<u8>,
    confidence: Vec<u8>,
    /// Of the probabilities.
    sum: f64,
}

impl Bands {
    fn new(taps: [Vec<Tap>; 2], settle: Settle) -> Self {
        let pixels = taps[0].len() * taps[1].len();
        Self {
            taps,
            settle,
            first: 0,
            labels: Vec::with_capacity(pixels),
            confidence: Vec::with_capacity(pixels),
            sum: 0.0,
        }
    }

    /// Classifies the rows of pixels that need no logits below those of `looks`. The band to come
    /// begins with the last row of these.
    fn classify(&mut self, looks: &[Logits]) {
        let Some(rows) = looks.first().map(|look| look.size[0]) else {
            return;
        };
        let [taps, columns] = &self.taps;
        let (first, done) = (self.first, self.labels.len() / columns.len().max(1));
        let ready = taps[done..].iter();
        let within: Vec<Tap> = ready
            .take_while(|tap| tap.high < first + rows)
            .map(|tap| Tap {
                low: tap.low - first,
                high: tap.high - first,
                ..*tap
            })
            .collect();
        let pixels = within.len() * columns.len();
        let look = |logits| Look::at(logits, within.clone(), columns.clone());
        let looks: Vec<_> = looks.iter().map(look).collect();
        let band = classify(&looks, self.settle);
        self.labels.extend(band.labels);
        self.confidence.extend(band.confidence);
        self.sum += band.mean_confidence * pixels as f64;
        self.first += rows - 1;
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

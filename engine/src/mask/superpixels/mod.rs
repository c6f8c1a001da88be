//! Superpixels: small connected regions of one colour that keep to the edges of the image.

mod borders;
mod connect;
pub(super) mod lab;
mod slic;

use std::ops::Range;

pub use borders::Borders;
pub use slic::SlicOptions;

use super::pixels::Pixels;
use super::rect::Rect;
use super::span::Span;
use crate::error::Result;
use crate::jobs::Monitor;

/// An image cut into superpixels. Each pixel is in one region, and each region hangs together over
/// the sides of its pixels.
///
/// Regions are kept as runs of pixels, so that they take a part of the image's memory only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Superpixels {
    size: [u32; 2],
    runs: Vec<Run>,
    /// So many rows of pixels have the same runs.
    shrink: u32,
    /// Where each such row's runs begin in `runs`, and where the last row's end.
    rows: Vec<u32>,
    /// The smallest rectangle around each region.
    rects: Vec<Rect>,
}

/// Larger images are cut at a whole part of their size: their superpixels are many pixels wide.
const MOST_PIXELS: u64 = 32_000_000;

/// Neighbouring pixels of a row that belong to one region; it goes on to the next run's start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    start: u32,
    region: u32,
}

impl Superpixels {
    /// Cuts an image into superpixels by SLIC: k-means in colour and place, each cluster looking no
    /// further than twice its side (Achanta and others, *SLIC Superpixels Compared to
    /// State-of-the-Art Superpixel Methods*, 2012). Runs on all cores.
    ///
    /// # Errors
    /// [`Error::Cancelled`](crate::Error::Cancelled) when the monitor is asked to stop.
    pub fn slic(
        pixels: Pixels<'_>,
        options: &SlicOptions,
        monitor: &mut dyn Monitor,
    ) -> Result<Self> {
        let area = pixels.bounds().area();
        let shrink = (1..=u32::MAX).find(|shrink| area / u64::from(*shrink).pow(2) <= MOST_PIXELS);
        Self::slic_shrunk(pixels, options, shrink.unwrap_or(1), monitor)
    }

    /// As [`Self::slic`], of an image whose blocks of `shrink` x `shrink` pixels are taken for one.
    fn slic_shrunk(
        pixels: Pixels<'_>,
        options: &SlicOptions,
        shrink: u32,
        monitor: &mut dyn Monitor,
    ) -> Result<Self> {
        let options = SlicOptions {
            side: (options.side / shrink).max(1),
            ..*options
        };
        let clusters = slic::cluster(pixels, &options, shrink, monitor)?;
        let size = pixels.size().map(|side| side.div_ceil(shrink));
        let found = connect::connected(&clusters, size, options.smallest());
        Ok(found.grown(pixels.size(), shrink))
    }

    /// The same regions on an image that is so many times as large.
    fn grown(mut self, size: [u32; 2], shrink: u32) -> Self {
        for run in &mut self.runs {
            run.start *= shrink;
        }
        for rect in &mut self.rects {
            let columns = rect.x * shrink..(rect.right() * shrink).min(size[0]);
            let rows = rect.y * shrink..(rect.bottom() * shrink).min(size[1]);
            *rect = Rect::from_ranges(columns, rows);
        }
        Self {
            size,
            shrink,
            ..self
        }
    }

    /// Columns and rows of the image.
    pub fn size(&self) -> [u32; 2] {
        self.size
    }

    /// How many regions there are.
    pub fn len(&self) -> usize {
        self.rects.len()
    }

    /// Whether there is no region, because there is no pixel.
    pub fn is_empty(&self) -> bool {
        self.rects.is_empty()
    }

    /// The region of a pixel; `None` outside the image.
    pub fn at(&self, x: u32, y: u32) -> Option<u32> {
        if x >= self.size[0] {
            return None;
        }
        let runs = self.row(y);
        let after = runs.partition_point(|run| run.start <= x);
        runs[..after].last().map(|run| run.region)
    }

    /// A region's pixels, row by row from the top; none where there is no such region.
    pub fn spans(&self, region: u32) -> Vec<Span> {
        let Some(rect) = self.rects.get(region as usize) else {
            return Vec::new();
        };
        let mut spans = Vec::new();
        for y in rect.rows() {
            let mine = self.pieces(y, rect.columns());
            spans.extend(
                mine.filter(|(_, of)| *of == region)
                    .map(|(columns, _)| Span {
                        y,
                        start: columns.start,
                        end: columns.end,
                    }),
            );
        }
        spans
    }

    /// The regions that a row crosses within some columns, from left to right.
    pub fn pieces(
        &self,
        y: u32,
        columns: Range<u32>,
    ) -> impl Iterator<Item = (Range<u32>, u32)> + '_ {
        let runs = self.row(y);
        let first = runs.partition_point(|run| run.start <= columns.start);
        let first = first.saturating_sub(1);
        let end = columns.end.min(self.size[0]);
        let last = self.size[0];
        let ends = runs.iter().skip(first + 1).map(|run| run.start);
        runs.iter()
            .skip(first)
            .zip(ends.chain(std::iter::once(last)))
            .map(move |(run, stop)| (run.start.max(columns.start)..stop.min(end), run.region))
            .take_while(|(piece, _)| !piece.is_empty())
    }

    fn row(&self, y: u32) -> &[Run] {
        let row = (y / self.shrink) as usize;
        match (self.rows.get(row), self.rows.get(row + 1)) {
            _ if y >= self.size[1] => &[],
            (Some(start), Some(end)) => &self.runs[*start as usize..*end as usize],
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests;

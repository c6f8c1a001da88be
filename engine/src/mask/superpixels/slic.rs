//! The clustering of SLIC, a band of rows at a time on every core.

use rayon::prelude::*;

use super::lab::{LabImage, UNITS};
use crate::error::Result;
use crate::jobs::{Monitor, Pace};
use crate::mask::Pixels;
use crate::network::cpu::{Vectorised, vectorised};

/// How to cut an image into superpixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SlicOptions {
    /// The side of a region in pixels, on average.
    pub side: u32,
    /// How much place counts against colour: a distance of one side is worth so much of L*a*b*.
    pub compactness: f32,
    /// How often the clusters are moved; the paper takes 10.
    pub iterations: u32,
}

impl Default for SlicOptions {
    fn default() -> Self {
        Self {
            side: 16,
            compactness: 10.0,
            iterations: 10,
        }
    }
}

impl SlicOptions {
    /// Regions of fewer pixels are joined with a neighbour: a quarter of the average.
    pub(super) fn smallest(&self) -> u64 {
        u64::from(self.side.max(1)).pow(2) / 4
    }
}

/// Rows that one task takes on at a time.
const BAND: usize = 32;

/// A cluster's mean colour (in bytes of the planes) and place.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Center {
    color: [f32; 3],
    x: f32,
    y: f32,
}

/// What a cluster's pixels add up to.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    color: [u64; 3],
    x: u64,
    y: u64,
    count: u64,
}

/// The cluster of each pixel, row after row; of blocks of `shrink` x `shrink` pixels where that is
/// more than 1, and the options speak of blocks then.
pub(super) fn cluster(
    pixels: Pixels<'_>,
    options: &SlicOptions,
    shrink: u32,
    monitor: &mut dyn Monitor,
) -> Result<Vec<u32>> {
    let mut pace = Pace::new(u64::from(options.iterations) + 1);
    monitor.checkpoint(&pace.at(0, "colours"))?;
    let image = LabImage::new(pixels, shrink);
    let side = options.side.max(1) as usize;
    let mut centers = seeds(&image, side);
    let mut labels = vec![0; image.width * image.height];
    for iteration in 0..=u64::from(options.iterations) {
        monitor.checkpoint(&pace.at(iteration, "clusters"))?;
        let round = Round {
            image: &image,
            centers: &centers,
            side: side as f32,
            compactness: options.compactness.max(0.1),
        };
        let sums = round.assign(&mut labels);
        for (center, sums) in centers.iter_mut().zip(sums) {
            center.follow(&sums);
        }
    }
    Ok(labels)
}

/// Centres on a grid, each moved to the flattest of the nine pixels around: not on an edge.
fn seeds(image: &LabImage, side: usize) -> Vec<Center> {
    let count = |length: usize| length.div_ceil(side).max(1);
    let [rows, columns] = [count(image.height), count(image.width)];
    if image.width == 0 || image.height == 0 {
        return Vec::new();
    }
    let middle = |index: usize, length: usize, count: usize| (2 * index + 1) * length / (2 * count);
    let mut centers = Vec::with_capacity(rows * columns);
    for row in 0..rows {
        for column in 0..columns {
            let x = middle(column, image.width, columns);
            let y = middle(row, image.height, rows);
            centers.push(flattest(image, x, y));
        }
    }
    centers
}

fn flattest(image: &LabImage, x: usize, y: usize) -> Center {
    let gradient = |x: usize, y: usize| {
        let across = [x.saturating_sub(1), (x + 1).min(image.width - 1)];
        let down = [y.saturating_sub(1), (y + 1).min(image.height - 1)];
        let [left, right] = across.map(|x| image.at(x, y));
        let [above, below] = down.map(|y| image.at(x, y));
        squared(left, right) + squared(above, below)
    };
    let near = |at: usize, length: usize| at.saturating_sub(1)..(at + 2).min(length);
    let places = near(y, image.height).flat_map(|v| near(x, image.width).map(move |u| (u, v)));
    let best = places.min_by(|a, b| gradient(a.0, a.1).total_cmp(&gradient(b.0, b.1)));
    let (x, y) = best.unwrap_or((x, y));
    Center {
        color: image.at(x, y),
        x: x as f32,
        y: y as f32,
    }
}

fn squared(a: [f32; 3], b: [f32; 3]) -> f32 {
    (0..3)
        .map(|channel| ((a[channel] - b[channel]) * UNITS[channel]).powi(2))
        .sum()
}

impl Center {
    /// Moves to the middle of its pixels, if it has any.
    fn follow(&mut self, sums: &Sums) {
        if sums.count == 0 {
            return;
        }
        let mean = |sum: u64| (sum as f64 / sums.count as f64) as f32;
        *self = Self {
            color: sums.color.map(mean),
            x: mean(sums.x),
            y: mean(sums.y),
        };
    }
}

/// One assignment of pixels to the nearest centres.
struct Round<'a> {
    image: &'a LabImage,
    centers: &'a [Center],
    side: f32,
    compactness: f32,
}

impl Round<'_> {
    /// Gives each pixel its nearest centre; returns what each centre's pixels add up to.
    fn assign(&self, labels: &mut [u32]) -> Vec<Sums> {
        let band = (BAND * self.image.width).max(1);
        // Sums are whole numbers: their order, and so the number of threads, does not matter.
        labels
            .par_chunks_mut(band)
            .enumerate()
            .fold(
                || (vec![Sums::default(); self.centers.len()], Vec::new()),
                |(mut sums, mut distances), (index, labels)| {
                    self.assign_band(index * BAND, labels, &mut distances);
                    self.add_up(index * BAND, labels, &mut sums);
                    (sums, distances)
                },
            )
            .map(|(sums, _)| sums)
            .reduce(Vec::new, |mut total, part| {
                if total.is_empty() {
                    return part;
                }
                for (total, part) in total.iter_mut().zip(&part) {
                    total.add(part);
                }
                total
            })
    }

    fn assign_band(&self, top: usize, labels: &mut [u32], distances: &mut Vec<f32>) {
        let width = self.image.width;
        let bottom = top + labels.len() / width;
        distances.clear();
        distances.resize(labels.len(), f32::INFINITY);
        let reach = 2.0 * self.side;
        let near =
            |center: &Center| center.y + reach >= top as f32 && center.y - reach < bottom as f32;
        let centers = self.centers.iter().enumerate();
        for (index, center) in centers.filter(|(_, center)| near(center)) {
            let [left, right] = range(center.x, reach, 0, width);
            let [first, last] = range(center.y, reach, top, bottom);
            for y in first..last {
                let place = (y - top) * width;
                let columns = place + left..place + right;
                let of_image = y * width + left..y * width + right;
                let planes = [0, 1, 2].map(|channel| &self.image.planes[channel][of_image.clone()]);
                let weight = (self.compactness / self.side).powi(2);
                vectorised(Compare {
                    planes,
                    color: center.color,
                    x: left as f32 - center.x,
                    row: weight * (y as f32 - center.y).powi(2),
                    weight,
                    index: index as u32,
                    distances: &mut distances[columns.clone()],
                    labels: &mut labels[columns],
                });
            }
        }
        self.adopt(top, labels, distances);
    }

    /// Pixels that no centre reached, because all have moved away, go to the nearest one.
    fn adopt(&self, top: usize, labels: &mut [u32], distances: &[f32]) {
        for (at, distance) in distances.iter().enumerate() {
            if distance.is_finite() {
                continue;
            }
            let (x, y) = (at % self.image.width, top + at / self.image.width);
            let away =
                |center: &Center| (center.x - x as f32).powi(2) + (center.y - y as f32).powi(2);
            let centers = self.centers.iter().enumerate();
            let nearest = centers.min_by(|(_, a), (_, b)| away(a).total_cmp(&away(b)));
            labels[at] = nearest.map_or(0, |(index, _)| index as u32);
        }
    }

    fn add_up(&self, top: usize, labels: &[u32], sums: &mut [Sums]) {
        let width = self.image.width;
        for (row, labels) in labels.chunks_exact(width).enumerate() {
            let y = top + row;
            let mut x = 0;
            // Neighbours mostly share their centre: sums of a run are added at once.
            for run in labels.chunk_by(|a, b| a == b) {
                let pixels = y * width + x..y * width + x + run.len();
                let sum = &mut sums[run[0] as usize];
                for channel in 0..3 {
                    let plane = &self.image.planes[channel][pixels.clone()];
                    sum.color[channel] += plane.iter().map(|value| u64::from(*value)).sum::<u64>();
                }
                let length = run.len() as u64;
                sum.x += length * (2 * x as u64 + length - 1) / 2;
                sum.y += length * y as u64;
                sum.count += length;
                x += run.len();
            }
        }
    }
}

impl Sums {
    fn add(&mut self, other: &Self) {
        for (sum, more) in self.color.iter_mut().zip(other.color) {
            *sum += more;
        }
        self.x += other.x;
        self.y += other.y;
        self.count += other.count;
    }
}

/// Whole coordinates within `reach` of `center`, clipped to `start..end`.
fn range(center: f32, reach: f32, start: usize, end: usize) -> [usize; 2] {
    let low = (center - reach).ceil().max(start as f32) as usize;
    let high = ((center + reach).floor() + 1.0).clamp(low as f32, end as f32) as usize;
    [low.min(end), high]
}

/// Compares a piece of a row with one centre.
struct Compare<'a> {
    planes: [&'a [u8]; 3],
    color: [f32; 3],
    /// From the centre to the first pixel.
    x: f32,
    /// What the rows' distance is worth.
    row: f32,
    /// What a pixel's distance is worth, squared.
    weight: f32,
    index: u32,
    distances: &'a mut [f32],
    labels: &'a mut [u32],
}

impl Vectorised for Compare<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let [l, a, b] = self.planes;
        let length = self.distances.len();
        let (l, a, b) = (&l[..length], &a[..length], &b[..length]);
        let labels = &mut self.labels[..length];
        for at in 0..length {
            let dl = (f32::from(l[at]) - self.color[0]) * UNITS[0];
            let da = (f32::from(a[at]) - self.color[1]) * UNITS[1];
            let db = (f32::from(b[at]) - self.color[2]) * UNITS[2];
            let dx = self.x + at as i32 as f32;
            let distance = dl * dl + da * da + db * db + (self.row + self.weight * dx * dx);
            let nearer = distance < self.distances[at];
            self.distances[at] = if nearer { distance } else { self.distances[at] };
            labels[at] = if nearer { self.index } else { labels[at] };
        }
    }
}

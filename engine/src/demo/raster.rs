//! Filled shapes with soft edges in the image and exact edges in the label map.

use super::geometry::{Point, Rgb};

/// Sub-rows a pixel row is split into; columns are covered exactly.
const SUB_ROWS: usize = 4;

/// Sixteen points around the unit circle, as rotations by 22.5 degrees.
const CIRCLE: [Point; 16] = circle();

const fn circle() -> [Point; 16] {
    const COS: f32 = 0.923_879_5;
    const SIN: f32 = 0.382_683_43;
    let mut points = [[1.0, 0.0]; 16];
    let mut i = 1;
    while i < 16 {
        let [x, y] = points[i - 1];
        points[i] = [x * COS - y * SIN, x * SIN + y * COS];
        i += 1;
    }
    points
}

/// The image and the label map while they are painted, back to front.
pub(super) struct Raster {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Linear light, row by row.
    pub colours: Vec<Rgb>,
    /// Class index a pixel.
    pub labels: Vec<u8>,
    coverage: Vec<f32>,
    crossings: Vec<f32>,
}

impl Raster {
    /// A black image of one class.
    pub(super) fn new(width: usize, height: usize, class: u8) -> Self {
        Self {
            width,
            height,
            colours: vec![Rgb::BLACK; width * height],
            labels: vec![class; width * height],
            coverage: vec![0.0; width],
            crossings: Vec::new(),
        }
    }

    /// Paints every pixel whose centre `paint` has an answer for.
    pub(super) fn every_pixel(&mut self, paint: impl Fn(Point) -> Option<(Rgb, u8)>) {
        for row in 0..self.height {
            for column in 0..self.width {
                if let Some((colour, class)) = paint([column as f32 + 0.5, row as f32 + 0.5]) {
                    self.colours[row * self.width + column] = colour;
                    self.labels[row * self.width + column] = class;
                }
            }
        }
    }

    /// Fills a shape (even-odd) and labels the pixels it covers by half or more.
    pub(super) fn fill(&mut self, outline: &[Point], class: u8, paint: impl Fn(Point) -> Rgb) {
        self.cover(outline, Some(class), |pixel, coverage, colour| {
            *colour = colour.mix(paint(pixel), coverage);
        });
    }

    /// Fills a shape without changing what it is part of.
    pub(super) fn decorate(&mut self, outline: &[Point], paint: impl Fn(Point) -> Rgb) {
        self.cover(outline, None, |pixel, coverage, colour| {
            *colour = colour.mix(paint(pixel), coverage);
        });
    }

    /// Darkens a shape: `strength` 1 is black.
    pub(super) fn shade(&mut self, outline: &[Point], strength: f32) {
        self.cover(outline, None, |_, coverage, colour| {
            *colour = colour.times(1.0 - strength * coverage);
        });
    }

    /// Adds a round glow around a lamp.
    pub(super) fn glow(&mut self, centre: Point, radius: f32, light: Rgb) {
        let columns = pixel_range(centre[0] - radius, centre[0] + radius, self.width);
        for row in pixel_range(centre[1] - radius, centre[1] + radius, self.height) {
            for column in columns.clone() {
                let dx = column as f32 + 0.5 - centre[0];
                let dy = row as f32 + 0.5 - centre[1];
                let fall = 1.0 - (dx * dx + dy * dy) / (radius * radius);
                if fall > 0.0 {
                    let colour = &mut self.colours[row * self.width + column];
                    *colour = colour.plus(light.times(fall * fall * fall));
                }
            }
        }
    }

    fn cover(
        &mut self,
        outline: &[Point],
        class: Option<u8>,
        mut blend: impl FnMut(Point, f32, &mut Rgb),
    ) {
        let (low, high) = bounds(outline, 1);
        let (left, right) = bounds(outline, 0);
        let columns = pixel_range(left, right, self.width);
        for row in pixel_range(low, high, self.height) {
            self.coverage[columns.clone()].fill(0.0);
            for sub in 0..SUB_ROWS {
                let y = row as f32 + (sub as f32 + 0.5) / SUB_ROWS as f32;
                self.cover_sub_row(outline, y);
            }
            for column in columns.clone() {
                let coverage = self.coverage[column].min(1.0);
                if coverage > 0.0 {
                    let at = row * self.width + column;
                    let pixel = [column as f32 + 0.5, row as f32 + 0.5];
                    blend(pixel, coverage, &mut self.colours[at]);
                    if let Some(class) = class.filter(|_| coverage >= 0.5) {
                        self.labels[at] = class;
                    }
                }
            }
        }
    }

    /// Adds the share of each pixel that lies inside the outline at height `y`.
    fn cover_sub_row(&mut self, outline: &[Point], y: f32) {
        self.crossings.clear();
        let mut from = outline[outline.len() - 1];
        for &to in outline {
            if (from[1] <= y) != (to[1] <= y) {
                let along = (y - from[1]) / (to[1] - from[1]);
                self.crossings.push(from[0] + (to[0] - from[0]) * along);
            }
            from = to;
        }
        self.crossings.sort_unstable_by(f32::total_cmp);
        let edge = self.width as f32;
        for pair in self.crossings.chunks_exact(2) {
            let (start, end) = (pair[0].clamp(0.0, edge), pair[1].clamp(0.0, edge));
            for column in pixel_range(start, end, self.width) {
                let inside = end.min(column as f32 + 1.0) - start.max(column as f32);
                self.coverage[column] += inside / SUB_ROWS as f32;
            }
        }
    }
}

/// The outline of an ellipse.
pub(super) fn ellipse(centre: Point, half_width: f32, half_height: f32) -> [Point; 16] {
    CIRCLE.map(|[x, y]| [centre[0] + x * half_width, centre[1] + y * half_height])
}

/// The outline of a limb from `a` to `b`, `width` pixels thick at each end.
pub(super) fn limb(a: Point, b: Point, width: [f32; 2]) -> [Point; 4] {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length = (dx * dx + dy * dy).sqrt().max(1e-3);
    let (nx, ny) = (-dy / length * 0.5, dx / length * 0.5);
    [
        [a[0] + nx * width[0], a[1] + ny * width[0]],
        [b[0] + nx * width[1], b[1] + ny * width[1]],
        [b[0] - nx * width[1], b[1] - ny * width[1]],
        [a[0] - nx * width[0], a[1] - ny * width[0]],
    ]
}

/// The pixels that `low..high` touches, clipped to `0..size`.
fn pixel_range(low: f32, high: f32, size: usize) -> std::ops::Range<usize> {
    // A float cast saturates, so that a shape far outside gives an empty range.
    (low.floor() as usize).min(size)..(high.ceil() as usize).min(size)
}

fn bounds(outline: &[Point], axis: usize) -> (f32, f32) {
    outline
        .iter()
        .fold((f32::MAX, f32::MIN), |(low, high), point| {
            (low.min(point[axis]), high.max(point[axis]))
        })
}

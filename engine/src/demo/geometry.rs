//! The camera and the colours every painter shares.

/// A position on the image in pixels, x right and y down.
pub(super) type Point = [f32; 2];

/// A position in the street in metres: x right, y up from the road, z forward.
pub(super) type World = [f32; 3];

/// Nothing nearer than this many metres is drawn.
pub(super) const NEAR: f32 = 0.7;

/// A linear-light colour; 1 is white paper in the sun.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rgb(pub [f32; 3]);

impl Rgb {
    /// No light.
    pub(super) const BLACK: Self = Self([0.0; 3]);

    /// From a display colour 0..=255 (gamma 2, whose inverse is the exact square root).
    pub(super) const fn display(r: u8, g: u8, b: u8) -> Self {
        const fn linear(value: u8) -> f32 {
            let unit = value as f32 / 255.0;
            unit * unit
        }
        Self([linear(r), linear(g), linear(b)])
    }

    /// Brighter or darker.
    pub(super) fn times(self, factor: f32) -> Self {
        Self(self.0.map(|value| value * factor))
    }

    /// Under a coloured light.
    pub(super) fn lit(self, light: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] * light.0[i]))
    }

    /// Two lights together.
    pub(super) fn plus(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] + other.0[i]))
    }

    /// `amount` 0 is this colour, 1 is `other`.
    pub(super) fn mix(self, other: Self, amount: f32) -> Self {
        Self(std::array::from_fn(|i| {
            self.0[i] + (other.0[i] - self.0[i]) * amount
        }))
    }
}

/// A pinhole camera that looks down the street.
pub(super) struct Camera {
    /// The vanishing point.
    pub centre: Point,
    /// Pixels a metre at one metre's distance.
    pub focal: f32,
    /// Metres above the road.
    pub height: f32,
    /// Metres right of the road's middle.
    pub x: f32,
}

impl Camera {
    /// Where a point of the street falls on the image.
    pub(super) fn project(&self, [x, y, z]: World) -> Point {
        let scale = self.scale(z);
        [
            self.centre[0] + (x - self.x) * scale,
            self.centre[1] + (self.height - y) * scale,
        ]
    }

    /// The outline of a flat shape in the street.
    pub(super) fn outline<const N: usize>(&self, points: [World; N]) -> [Point; N] {
        points.map(|point| self.project(point))
    }

    /// Pixels a metre at distance `z`.
    pub(super) fn scale(&self, z: f32) -> f32 {
        self.focal / z.max(NEAR)
    }

    /// The point of the road surface under a pixel: (x, z), or none above the horizon.
    pub(super) fn ground(&self, pixel: Point) -> Option<(f32, f32)> {
        let down = pixel[1] - self.centre[1];
        (down > 0.05).then(|| {
            let z = self.focal * self.height / down;
            (self.x + (pixel[0] - self.centre[0]) * z / self.focal, z)
        })
    }

    /// The point of the wall `x = wall` under a pixel: (y, z).
    pub(super) fn on_wall(&self, wall: f32, pixel: Point) -> (f32, f32) {
        let sideways = pixel[0] - self.centre[0];
        let z = (self.focal * (wall - self.x) / sideways).abs();
        (self.height_at(z, pixel[1]), z)
    }

    /// The point of the plane `z` under a pixel: (x, y).
    pub(super) fn on_front(&self, z: f32, pixel: Point) -> (f32, f32) {
        let x = self.x + (pixel[0] - self.centre[0]) * z / self.focal;
        (x, self.height_at(z, pixel[1]))
    }

    fn height_at(&self, z: f32, row: f32) -> f32 {
        self.height - (row - self.centre[1]) * z / self.focal
    }
}

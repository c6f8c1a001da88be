//! Street lamps and traffic signs.

use super::geometry::{Point, Rgb};
use super::light::{Facing, LAMP_HEIGHT};
use super::raster::{ellipse, limb};
use super::rng::Rng;
use super::{Painter, class};

/// A traffic sign on a pole.
pub(super) struct Sign {
    x: f32,
    /// Metres to its middle.
    height: f32,
    /// Metres from its middle to its edge.
    radius: f32,
    shape: Shape,
}

#[derive(Clone, Copy)]
enum Shape {
    /// A red ring on white.
    Ban,
    /// White on blue.
    Order,
    /// A red triangle.
    Warning,
    /// A yellow diamond.
    Priority,
    /// A board with names of towns.
    Directions,
}

const STEEL: Rgb = Rgb::display(120, 124, 128);
const RED: Rgb = Rgb::display(196, 34, 36);
const WHITE: Rgb = Rgb::display(238, 236, 230);
const BLUE: Rgb = Rgb::display(28, 82, 168);
const YELLOW: Rgb = Rgb::display(242, 184, 36);
const BLACK: Rgb = Rgb::display(32, 32, 34);

/// Metres a pole is thick.
const POLE: f32 = 0.2;

impl Sign {
    /// A sign of some kind at `x`.
    pub(super) fn new(rng: &mut Rng, x: f32) -> Self {
        let shape = rng.pick(&[
            Shape::Ban,
            Shape::Ban,
            Shape::Order,
            Shape::Warning,
            Shape::Warning,
            Shape::Priority,
            Shape::Directions,
        ]);
        Self {
            x,
            height: rng.range(2.5, 3.1),
            radius: rng.range(0.5, 0.62),
            shape,
        }
    }

    /// Paints pole and sign.
    pub(super) fn paint(&self, painter: &mut Painter<'_>, z: f32) {
        let camera = &painter.layout.camera;
        let light = painter.light;
        paint_pole(painter, self.x, self.height + 0.3, z);
        let centre = camera.project([self.x, self.height, z]);
        let radius = self.radius * camera.scale(z);
        let at = [self.x, self.height, z];
        // Signs throw light back, so that they are the brightest thing at night.
        let glow = 1.0 + 1.6 * light.lamps_on;
        let colour = |albedo: Rgb| light.shade(albedo.times(glow), Facing::Camera, at, 0.8);
        let mut plate = |outline: &[Point], albedo: Rgb| {
            let paint = colour(albedo);
            painter.raster.fill(outline, class::SIGN, |_| paint);
        };
        match self.shape {
            Shape::Ban => {
                plate(&ellipse(centre, radius, radius), RED);
                plate(&ellipse(centre, radius * 0.7, radius * 0.7), WHITE);
                plate(&bar(centre, radius * 0.42, radius * 0.13), BLACK);
            }
            Shape::Order => {
                plate(&ellipse(centre, radius, radius), BLUE);
                plate(&bar(centre, radius * 0.14, radius * 0.6), WHITE);
                plate(&arrow(centre, radius), WHITE);
            }
            Shape::Warning => {
                plate(&triangle(centre, radius * 1.15), RED);
                plate(&triangle(centre, radius * 0.72), WHITE);
                plate(&bar(centre, radius * 0.1, radius * 0.28), BLACK);
            }
            Shape::Priority => {
                plate(&diamond(centre, radius * 1.1), WHITE);
                plate(&diamond(centre, radius * 0.85), YELLOW);
            }
            Shape::Directions => {
                plate(&bar(centre, radius * 1.8, radius * 0.9), WHITE);
                plate(&bar(centre, radius * 1.7, radius * 0.8), BLUE);
                for line in [-0.38, 0.3] {
                    let text = [centre[0] - radius * 0.2, centre[1] + radius * line];
                    plate(&bar(text, radius * 1.1, radius * 0.13), WHITE);
                }
            }
        }
    }
}

/// Paints a street lamp whose arm reaches over the road.
pub(super) fn paint_lamp(painter: &mut Painter<'_>, x: f32, z: f32) {
    let camera = &painter.layout.camera;
    let light = painter.light;
    let scale = camera.scale(z);
    paint_pole(painter, x, LAMP_HEIGHT + 0.3, z);
    let reach = x - x.signum() * 1.5;
    let (root, tip) = (
        camera.project([x, LAMP_HEIGHT + 0.2, z]),
        camera.project([reach, LAMP_HEIGHT + 0.35, z]),
    );
    let steel = light.shade(STEEL.times(0.8), Facing::Camera, [x, 4.0, z], 1.0);
    let arm = limb(root, tip, [scale * POLE, scale * POLE * 0.8]);
    painter.raster.fill(&arm, class::POLE, |_| steel);
    let head = ellipse(tip, scale * 0.42, scale * 0.16);
    painter.raster.fill(&head, class::POLE, |_| steel);
    if light.lamps_on > 0.0 {
        let warm = Rgb::display(255, 222, 160);
        let bulb = [tip[0], tip[1] + scale * 0.06];
        let paint = light.haze(warm.times(1.3), z);
        painter
            .raster
            .decorate(&ellipse(bulb, scale * 0.34, scale * 0.12), |_| paint);
        painter
            .raster
            .glow(bulb, scale * 1.9, warm.times(0.4 * light.lamps_on));
    }
}

fn paint_pole(painter: &mut Painter<'_>, x: f32, height: f32, z: f32) {
    let camera = &painter.layout.camera;
    let light = painter.light;
    let width = camera.scale(z) * POLE;
    let (foot, top) = (camera.project([x, 0.0, z]), camera.project([x, height, z]));
    let pole = limb(foot, top, [width, width * 0.85]);
    let side = light.sun_side.signum();
    painter.raster.fill(&pole, class::POLE, |pixel| {
        let across = ((pixel[0] - foot[0]) / width * 2.0).clamp(-1.0, 1.0);
        let y = (foot[1] - pixel[1]) / camera.scale(z);
        let round = STEEL.times(0.85 + 0.4 * across * side);
        light.shade(round, Facing::Camera, [x, y, z], 1.0)
    });
}

fn bar(centre: Point, half_width: f32, half_height: f32) -> [Point; 4] {
    let [x, y] = centre;
    [
        [x - half_width, y - half_height],
        [x + half_width, y - half_height],
        [x + half_width, y + half_height],
        [x - half_width, y + half_height],
    ]
}

fn triangle([x, y]: Point, radius: f32) -> [Point; 3] {
    [
        [x, y - radius],
        [x + radius * 0.95, y + radius * 0.65],
        [x - radius * 0.95, y + radius * 0.65],
    ]
}

fn diamond([x, y]: Point, radius: f32) -> [Point; 4] {
    [
        [x, y - radius],
        [x + radius, y],
        [x, y + radius],
        [x - radius, y],
    ]
}

fn arrow([x, y]: Point, radius: f32) -> [Point; 3] {
    [
        [x, y - radius * 0.75],
        [x + radius * 0.42, y - radius * 0.15],
        [x - radius * 0.42, y - radius * 0.15],
    ]
}

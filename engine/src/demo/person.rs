//! People.

use super::geometry::{Point, Rgb};
use super::light::Facing;
use super::raster::{ellipse, limb};
use super::rng::Rng;
use super::{Painter, class};

/// Someone who walks or stands.
pub(super) struct Person {
    x: f32,
    height: f32,
    coat: Rgb,
    trousers: Rgb,
    skin: Rgb,
    hair: Rgb,
    /// How far the feet are apart, in metres.
    stride: f32,
    bag: Option<Rgb>,
}

const CLOTHES: [Rgb; 10] = [
    Rgb::display(188, 52, 48),
    Rgb::display(46, 84, 152),
    Rgb::display(222, 216, 204),
    Rgb::display(54, 56, 62),
    Rgb::display(72, 126, 90),
    Rgb::display(226, 168, 58),
    Rgb::display(120, 70, 128),
    Rgb::display(150, 120, 92),
    Rgb::display(60, 140, 150),
    Rgb::display(214, 112, 128),
];
const TROUSERS: [Rgb; 4] = [
    Rgb::display(44, 52, 76),
    Rgb::display(40, 40, 44),
    Rgb::display(110, 100, 86),
    Rgb::display(84, 88, 96),
];
const SKINS: [Rgb; 4] = [
    Rgb::display(232, 190, 162),
    Rgb::display(204, 152, 118),
    Rgb::display(146, 98, 70),
    Rgb::display(96, 64, 48),
];
const HAIRS: [Rgb; 4] = [
    Rgb::display(40, 30, 26),
    Rgb::display(94, 62, 38),
    Rgb::display(178, 140, 84),
    Rgb::display(140, 136, 132),
];

impl Person {
    /// Someone at `x`.
    pub(super) fn new(rng: &mut Rng, x: f32) -> Self {
        Self {
            x,
            height: rng.range(1.6, 1.9),
            coat: rng.pick(&CLOTHES),
            trousers: rng.pick(&TROUSERS),
            skin: rng.pick(&SKINS),
            hair: rng.pick(&HAIRS),
            stride: rng.range(0.1, 0.32),
            bag: rng.chance(0.35).then(|| rng.pick(&CLOTHES)),
        }
    }

    /// Paints shadow and body, feet first.
    pub(super) fn paint(&self, painter: &mut Painter<'_>, z: f32) {
        let camera = &painter.layout.camera;
        let light = painter.light;
        let size = self.height / 1.75;
        let scale = camera.scale(z) * size;
        let at = |x: f32, y: f32| -> Point { camera.project([self.x + x * size, y * size, z]) };
        let foot = at(0.0, 0.0);
        painter
            .raster
            .shade(&ellipse(foot, scale * 0.36, scale * 0.07), 0.5);
        if light.sun != Rgb::BLACK {
            let fallen = [
                at(-0.18, 0.0),
                at(0.18, 0.0),
                camera.project([self.x - light.sun_side * 1.6, 0.0, z - 0.5]),
            ];
            painter.raster.shade(&fallen, 0.35);
        }
        let side = light.sun_side.signum();
        let mut part = |outline: &[Point], albedo: Rgb| {
            let colour = light.shade(albedo, Facing::Camera, [self.x, 1.2, z], 1.0);
            painter.raster.fill(outline, class::PERSON, |pixel| {
                let across = (pixel[0] - foot[0]) / (scale * 0.3) * side;
                colour.times(1.0 + 0.22 * across.clamp(-1.0, 1.0))
            });
        };
        for step in [-0.5, 0.5] {
            let ankle = at(step * self.stride + step * 0.16, 0.08);
            let hip = at(step * 0.2, 0.9);
            part(
                &limb(ankle, hip, [scale * 0.15, scale * 0.22]),
                self.trousers,
            );
            let shoe = [ankle[0], ankle[1] + scale * 0.03];
            part(
                &ellipse(shoe, scale * 0.12, scale * 0.055),
                Rgb::display(36, 32, 32),
            );
        }
        for arm in [-1.0, 1.0] {
            let hand = at(arm * (0.27 + self.stride * 0.4), 0.78);
            part(
                &limb(at(arm * 0.23, 1.4), hand, [scale * 0.15, scale * 0.12]),
                self.coat.times(0.85),
            );
            part(&ellipse(hand, scale * 0.065, scale * 0.075), self.skin);
        }
        let torso = [
            at(-0.2, 0.82),
            at(0.2, 0.82),
            at(0.22, 1.2),
            at(0.26, 1.4),
            at(0.12, 1.5),
            at(-0.12, 1.5),
            at(-0.26, 1.4),
            at(-0.22, 1.2),
        ];
        part(&torso, self.coat);
        if let Some(bag) = self.bag {
            let strap = at(0.0, 1.16);
            part(&ellipse(strap, scale * 0.17, scale * 0.22), bag.times(0.8));
        }
        part(
            &limb(at(0.0, 1.44), at(0.0, 1.58), [scale * 0.11, scale * 0.11]),
            self.skin,
        );
        part(
            &ellipse(at(0.0, 1.645), scale * 0.13, scale * 0.15),
            self.hair,
        );
        part(
            &ellipse(at(0.0, 1.615), scale * 0.105, scale * 0.115),
            self.skin,
        );
    }
}

//! Trees, hedges and gardens.

use super::geometry::{NEAR, Point, Rgb};
use super::light::Facing;
use super::raster::{ellipse, limb};
use super::rng::{Rng, hash, noise, smooth};
use super::{Painter, class};

/// One tree at the edge of the pavement.
pub(super) struct Tree {
    x: f32,
    /// Metres to the lowest and the highest leaf.
    crown: [f32; 2],
    /// Metres from the trunk to the outermost leaf.
    spread: f32,
    leaf: Rgb,
    seed: u32,
}

const LEAVES: [Rgb; 5] = [
    Rgb::display(84, 124, 52),
    Rgb::display(104, 136, 60),
    Rgb::display(68, 106, 56),
    Rgb::display(128, 138, 58),
    Rgb::display(76, 116, 72),
];
const BARK: Rgb = Rgb::display(88, 70, 54);

impl Tree {
    /// A tree at `x`; `size` 1 is seven metres high.
    pub(super) fn new(rng: &mut Rng, x: f32, size: f32) -> Self {
        let foot = rng.range(2.0, 2.6);
        Self {
            x,
            crown: [foot, foot + size * rng.range(3.2, 4.8)],
            spread: size * rng.range(1.5, 2.1),
            leaf: rng.pick(&LEAVES).times(rng.range(0.85, 1.15)),
            seed: rng.seed(),
        }
    }

    /// Paints shadow, trunk and crown.
    pub(super) fn paint(&self, painter: &mut Painter<'_>, z: f32) {
        let camera = &painter.layout.camera;
        let scale = camera.scale(z);
        let foot = camera.project([self.x, 0.0, z]);
        if painter.light.sun != Rgb::BLACK {
            let reach = -painter.light.sun_side * 2.2;
            let centre = camera.project([self.x + reach, 0.0, z]);
            let shadow = ellipse(
                centre,
                scale * self.spread,
                scale * self.spread * 0.28 * 8.0 / (z + 6.0),
            );
            painter.raster.shade(&shadow, 0.38);
        }
        let fork = camera.project([self.x, self.crown[0] + 1.0, z]);
        let trunk = limb(foot, fork, [scale * 0.36, scale * 0.26]);
        let bark = painter
            .light
            .shade(BARK, Facing::Camera, [self.x, 1.5, z], 0.8);
        let side = painter.light.sun_side.signum();
        painter.raster.fill(&trunk, class::VEGETATION, |pixel| {
            let across = (pixel[0] - foot[0]) / (scale * 0.2) * side;
            bark.times(1.0 + 0.3 * across.clamp(-1.0, 1.0))
        });
        self.paint_crown(painter, z, scale);
    }

    fn paint_crown(&self, painter: &mut Painter<'_>, z: f32, scale: f32) {
        let middle = (self.crown[0] + self.crown[1]) * 0.5;
        let half = (self.crown[1] - self.crown[0]) * 0.5;
        let light = painter.light;
        let base = light.shade(self.leaf, Facing::Camera, [self.x, middle, z], 1.0);
        let side = light.sun_side.signum();
        let sunny = if light.sun == Rgb::BLACK { 0.25 } else { 0.5 };
        for tuft in 0..10 {
            let dx = (hash(self.seed, tuft, 1) * 2.0 - 1.0) * 0.62;
            let dy = (hash(self.seed, tuft, 2) * 2.0 - 1.0) * 0.62;
            let (dx, dy) = if tuft == 0 { (0.0, 0.0) } else { (dx, dy) };
            let size = if tuft == 0 {
                0.78
            } else {
                0.42 + 0.14 * hash(self.seed, tuft, 3)
            };
            let at = [self.x + dx * self.spread, middle + dy * half, z];
            let centre = painter.layout.camera.project(at);
            let radius = [size * self.spread * scale, size * half * scale];
            let outline = ragged(centre, radius, self.seed.wrapping_add(tuft as u32));
            painter.raster.fill(&outline, class::VEGETATION, |pixel| {
                let up = (centre[1] - pixel[1]) / radius[1].max(1.0) + dy;
                let towards_sun = (pixel[0] - centre[0]) / radius[0].max(1.0) * side + dx * side;
                let grain = noise(self.seed, pixel[0] / scale * 5.0, pixel[1] / scale * 5.0);
                let relief = sunny * (0.6 * up + 0.4 * towards_sun);
                base.times((0.62 + 0.7 * grain + relief * 0.7).clamp(0.25, 2.0))
            });
        }
    }
}

/// The outline of a tuft of leaves.
pub(super) fn ragged(centre: Point, radius: [f32; 2], seed: u32) -> [Point; 16] {
    let round = ellipse([0.0, 0.0], radius[0], radius[1]);
    std::array::from_fn(|i| {
        let reach = 0.82 + 0.36 * hash(seed, i as i32, 11);
        [
            centre[0] + round[i][0] * reach,
            centre[1] + round[i][1] * reach,
        ]
    })
}

/// Trees behind a hedge that runs along the wall plane `x = wall`.
pub(super) fn garden(painter: &mut Painter<'_>, wall: f32, span: [f32; 2], seed: u32) {
    let side = wall.signum();
    let mut z = span[1] - 2.0;
    let mut number = 0;
    while z > span[0].max(2.0) {
        let mut rng = Rng::new(u64::from(seed) + number);
        Tree::new(&mut rng, wall + side * 2.5, 1.25).paint_behind(painter, z);
        number += 1;
        z -= 4.0;
    }
    let (near, end) = (span[0].max(NEAR), span[1]);
    if end <= near {
        return;
    }
    let camera = &painter.layout.camera;
    let light = painter.light;
    let height = 2.5;
    if span[0] > NEAR {
        let depth = wall + side * 14.0;
        let outline = camera.outline([
            [wall, 0.0, near],
            [depth, 0.0, near],
            [depth, height, near],
            [wall, height, near],
        ]);
        painter.raster.fill(&outline, class::VEGETATION, |pixel| {
            let (x, y) = camera.on_front(near, pixel);
            light.shade(hedge(seed, x, y), Facing::Camera, [x, y, near], 1.0)
        });
    }
    let outline = camera.outline([
        [wall, 0.0, near],
        [wall, 0.0, end],
        [wall, height, end],
        [wall, height, near],
    ]);
    let facing = if wall < 0.0 {
        Facing::Right
    } else {
        Facing::Left
    };
    painter.raster.fill(&outline, class::VEGETATION, |pixel| {
        let (y, z) = camera.on_wall(wall, pixel);
        light.shade(hedge(seed, z, y), facing, [wall, y, z], 1.0)
    });
}

impl Tree {
    /// Paints a tree of which a hedge hides the foot.
    fn paint_behind(&self, painter: &mut Painter<'_>, z: f32) {
        let scale = painter.layout.camera.scale(z);
        self.paint_crown(painter, z, scale);
    }
}

fn hedge(seed: u32, along: f32, y: f32) -> Rgb {
    let grain =
        noise(seed, along * 6.0, y * 6.0) * 0.6 + noise(seed ^ 5, along * 1.6, y * 1.6) * 0.5;
    LEAVES[(seed % 5) as usize].times((0.45 + 0.75 * grain) * (0.55 + 0.45 * smooth(y * 0.5)))
}

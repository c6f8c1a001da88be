//! The road with its marks, the pavements, and the shadows that lie on them.

use super::geometry::Rgb;
use super::layout::{END, Layout, Lot};
use super::light::Facing;
use super::rng::{noise, pulse, smooth};
use super::{Painter, class};

const ASPHALT: Rgb = Rgb::display(98, 98, 102);
const MARKING: Rgb = Rgb::display(224, 222, 212);

/// Metres a slab of paving.
const SLAB: f32 = 0.9;

impl Painter<'_> {
    /// Paints everything below the horizon.
    pub(super) fn paint_ground(&mut self) {
        let houses = self.shadow_heights();
        let layout = self.layout;
        let light = self.light;
        let camera = &layout.camera;
        let rows = self.raster.height as f32;
        self.raster.every_pixel(|pixel| {
            let (x, z) = camera.ground(pixel)?;
            let z = z.min(END * 4.0);
            let (albedo, class) = surface(layout, x, z);
            let sunlit = sun_on_ground(light.sun_side, layout.front, &houses, x, z);
            let colour = light.shade(albedo, Facing::Up, [x, 0.0, z], sunlit);
            if !light.wet {
                return Some((colour, class));
            }
            let below = (pixel[1] - camera.centre[1]) / rows;
            let mirror = puddles(layout.texture, x, z) * (0.45 - below * 0.6).max(0.08);
            let sky = light.horizon.times(mirror * 0.55);
            Some((colour.times(0.72).plus(sky), class))
        });
    }

    /// Height of the houses on the sun's side, a metre of street each.
    fn shadow_heights(&self) -> Vec<f32> {
        let mut heights = vec![0.0_f32; END as usize + 1];
        for lot in &self.layout.lots {
            let (side, start, end, height) = match lot {
                Lot::House(house) => house.shadow(),
                Lot::Garden(side, start, end, _) => (*side, *start, *end, 2.2),
            };
            if side * self.light.sun_side > 0.0 {
                let cells = start.max(0.0) as usize..(end.max(0.0) as usize).min(heights.len());
                heights[cells].fill(height);
            }
        }
        heights
    }
}

/// How wet the ground is at a place, 0 to 1.
fn puddles(texture: u32, x: f32, z: f32) -> f32 {
    smooth(noise(texture ^ 0x77, x * 0.6, z * 0.25) * 1.6 - 0.4)
}

/// The ground's own colour and class at a place.
fn surface(layout: &Layout, x: f32, z: f32) -> (Rgb, u8) {
    let camera = &layout.camera;
    let across = z / camera.focal;
    let along = z * z / (camera.focal * camera.height);
    let texture = layout.texture;
    let from_kerb = x.abs() - layout.kerb;
    if from_kerb > 0.0 {
        let stone =
            1.0 - pulse(x.abs() / SLAB, 0.93, across / SLAB) * pulse(z / SLAB, 0.93, along / SLAB);
        let worn = 0.86 + 0.28 * noise(texture ^ 3, x * 1.3, z * 1.3);
        let slab = layout.paving.times(worn * (1.0 - 0.45 * stone));
        let kerb = Rgb::display(196, 192, 186).times(worn);
        let colour = if from_kerb < 0.22 { kerb } else { slab };
        return (colour, class::SIDEWALK);
    }
    let grain = noise(texture, x * 9.0, z * 9.0) * smooth(1.2 - along * 2.0);
    let patches = noise(texture ^ 1, x * 0.5, z * 0.12);
    let gutter = 1.0 - 0.3 * smooth(from_kerb * 2.0 + 1.0);
    let road = ASPHALT.times((0.72 + 0.3 * patches + 0.22 * grain) * gutter);
    let paint = marking(layout, x, z, [across, along]) * (0.75 + 0.25 * grain);
    (road.mix(MARKING, paint), class::ROAD)
}

/// How much of a pixel is road paint: the dashed middle line, the parking lines, a zebra crossing.
fn marking(layout: &Layout, x: f32, z: f32, footprint: [f32; 2]) -> f32 {
    if let Some(start) = layout.crossing
        && (start..start + 3.0).contains(&z)
    {
        return pulse(x / 1.1, 0.5, footprint[0] / 1.1);
    }
    let line = |offset: f32| {
        let half = 0.075_f32.max(footprint[0] * 0.5);
        smooth((half + footprint[0] * 0.5 - offset.abs()) / footprint[0]) * (0.075 / half)
    };
    let dashes = pulse(z / 6.0, 0.5, footprint[1] / 6.0);
    (line(x) * dashes).max(line(x.abs() - (layout.kerb - 2.1)) * 0.8)
}

/// 0 in the shadow of the houses, 1 in the sun.
fn sun_on_ground(sun_side: f32, front: f32, heights: &[f32], x: f32, z: f32) -> f32 {
    // The sun stands a little ahead, so that a shadow falls towards the camera.
    let from_wall = front - x * sun_side.signum();
    let source = z + from_wall * 0.35;
    let height = heights.get(source as usize).copied().unwrap_or(0.0);
    let reach = height * (0.35 + 0.5 * sun_side.abs());
    smooth((from_wall - reach) * 1.2 + 0.5)
}

//! Houses: fronts along the street with windows, shops and cornices.

use super::geometry::{NEAR, Rgb};
use super::light::Facing;
use super::rng::{Rng, hash, noise, pulse, smooth};
use super::{Painter, class};

/// One house.
pub(super) struct Building {
    /// The front's plane; its sign is the side of the street.
    wall: f32,
    /// Start and end along the street.
    span: [f32; 2],
    height: f32,
    plaster: Rgb,
    trim: Rgb,
    glass: Rgb,
    /// Metres a storey and a bay of windows.
    storey: f32,
    bay: f32,
    /// The share of bay and storey that is window.
    window: [f32; 2],
    /// The colour of the ground floor's awning, where there is a shop.
    shop: Option<Rgb>,
    seed: u32,
}

const PLASTER: [Rgb; 10] = [
    Rgb::display(176, 104, 82),
    Rgb::display(206, 178, 138),
    Rgb::display(222, 208, 180),
    Rgb::display(168, 158, 148),
    Rgb::display(198, 142, 104),
    Rgb::display(142, 92, 78),
    Rgb::display(188, 190, 186),
    Rgb::display(214, 172, 150),
    Rgb::display(150, 158, 166),
    Rgb::display(226, 196, 140),
];
const AWNINGS: [Rgb; 5] = [
    Rgb::display(160, 44, 40),
    Rgb::display(36, 92, 72),
    Rgb::display(40, 66, 120),
    Rgb::display(206, 152, 52),
    Rgb::display(90, 50, 82),
];
const SHOP_HEIGHT: f32 = 3.6;

impl Building {
    /// A house whose front is the plane `x = wall` over `span` along the street.
    pub(super) fn new(rng: &mut Rng, wall: f32, span: [f32; 2], height: f32) -> Self {
        let plaster = rng.pick(&PLASTER).times(rng.range(0.85, 1.1));
        let storey = rng.range(2.9, 3.4);
        let shop = rng.chance(0.4).then(|| rng.pick(&AWNINGS));
        let base = if shop.is_some() { SHOP_HEIGHT } else { 0.6 };
        // Whole storeys, so that no window is cut by the cornice.
        let storeys = ((height - base - 0.9) / storey).floor().max(1.0);
        Self {
            wall,
            span,
            height: base + storeys * storey + 0.9,
            plaster,
            trim: plaster.mix(Rgb::display(236, 230, 218), rng.range(0.4, 0.8)),
            glass: Rgb::display(44, 56, 70).times(rng.range(0.7, 1.3)),
            storey,
            bay: rng.range(2.3, 3.4),
            window: [rng.range(0.38, 0.6), rng.range(0.45, 0.62)],
            shop,
            seed: rng.seed(),
        }
    }

    /// What throws a shadow: side of the street, start, end and height.
    pub(super) fn shadow(&self) -> (f32, f32, f32, f32) {
        (self.wall.signum(), self.span[0], self.span[1], self.height)
    }

    /// Paints the end that faces the camera, then the front.
    pub(super) fn paint(&self, painter: &mut Painter<'_>) {
        let (camera, light) = (&painter.layout.camera, painter.light);
        let [start, end] = self.span;
        let (wall, top) = (self.wall, self.height);
        if start > NEAR {
            let back = wall + wall.signum() * 16.0;
            let outline = camera.outline([
                [wall, 0.0, start],
                [back, 0.0, start],
                [back, top, start],
                [wall, top, start],
            ]);
            painter.raster.fill(&outline, class::BUILDING, |pixel| {
                let (x, y) = camera.on_front(start, pixel);
                let rough = 0.85 + 0.3 * noise(self.seed, x * 1.5, y * 1.5);
                let albedo = self.plaster.times(0.9 * rough * foot_shadow(y));
                light.shade(albedo, Facing::Camera, [x, y, start], 1.0)
            });
        }
        let near = start.max(NEAR);
        if end <= near {
            return;
        }
        let facing = if wall < 0.0 {
            Facing::Right
        } else {
            Facing::Left
        };
        let outline = camera.outline([
            [wall, 0.0, near],
            [wall, 0.0, end],
            [wall, top, end],
            [wall, top, near],
        ]);
        painter.raster.fill(&outline, class::BUILDING, |pixel| {
            let (y, z) = camera.on_wall(wall, pixel);
            let z = z.clamp(near, end);
            let footprint = [z * z / (camera.focal * wall.abs()), z / camera.focal];
            let (albedo, lamp) = self.front(z - start, y, footprint, light.lamps_on);
            let colour = light.shade(albedo, facing, [wall, y, z], 1.0);
            colour.plus(light.haze(lamp, z).times(light.lamps_on.min(1.0)))
        });
    }

    /// Colour and own light of the front, `along` metres from its start and `y` above the ground.
    fn front(&self, along: f32, y: f32, footprint: [f32; 2], lamps_on: f32) -> (Rgb, Rgb) {
        let rough = 0.9 + 0.2 * noise(self.seed, along * 2.0, y * 2.0);
        let wall = self.plaster.times(rough * foot_shadow(y));
        if y > self.height - 0.55 {
            return (self.trim.times(rough), Rgb::BLACK);
        }
        match self.shop {
            Some(awning) if y < SHOP_HEIGHT => self.shop_front(awning, along, y, footprint),
            _ => self.storeys(wall, [along, y], footprint, lamps_on),
        }
    }

    fn storeys(&self, wall: Rgb, at: [f32; 2], footprint: [f32; 2], lamps_on: f32) -> (Rgb, Rgb) {
        let base = if self.shop.is_some() {
            SHOP_HEIGHT
        } else {
            0.6
        };
        let (u, v) = (at[0] / self.bay, (at[1] - base) / self.storey);
        if v < 0.0 || at[1] > self.height - 0.9 {
            return (wall, Rgb::BLACK);
        }
        let [du, dv] = [footprint[0] / self.bay, footprint[1] / self.storey];
        let cover = |margin: f32| {
            pulse(u, (self.window[0] + margin).min(0.95), du)
                * pulse(v, (self.window[1] + margin).min(0.95), dv)
        };
        let (pane, frame) = (cover(0.0), cover(0.09));
        let (column, row) = (u.floor() as i32, v.floor() as i32);
        let kind = hash(self.seed, column, row);
        // Panes mirror the sky a little, more towards their top.
        let sheen = 0.75 + 0.5 * kind + 0.35 * smooth(v - v.floor());
        let mut glass = self.glass.times(sheen);
        if kind > 0.8 {
            glass = self.trim.times(0.7);
        }
        let colour = wall.mix(self.trim, frame).mix(glass, pane);
        let lit = kind < 0.3 * lamps_on;
        let lamp = if lit {
            Rgb::display(255, 208, 132).times((0.35 + kind) * pane)
        } else {
            Rgb::BLACK
        };
        (colour, lamp)
    }

    fn shop_front(&self, awning: Rgb, along: f32, y: f32, footprint: [f32; 2]) -> (Rgb, Rgb) {
        if y > 2.7 {
            let stripe = pulse(along / 0.8, 0.5, footprint[0] / 0.8);
            let cloth = awning.mix(
                Rgb::display(226, 220, 208),
                if y < 3.1 { stripe } else { 0.0 },
            );
            return (cloth, Rgb::BLACK);
        }
        let pane = pulse(along / 3.2, 0.86, footprint[0] / 3.2) * smooth((y - 0.35) * 8.0);
        let goods = 0.6 + 0.8 * noise(self.seed ^ 7, along * 2.5, y * 2.5);
        let glass = self.glass.times(1.3 * goods);
        let colour = awning.times(0.5).mix(glass, pane);
        let lamp = Rgb::display(255, 226, 176).times(0.35 * goods * pane);
        (colour, lamp)
    }
}

/// Walls are darker near the ground.
fn foot_shadow(y: f32) -> f32 {
    0.78 + 0.22 * smooth(y * 0.4)
}

//! Cars, parked and driving.

use super::geometry::{NEAR, Rgb, World};
use super::light::Facing;
use super::raster::ellipse;
use super::rng::Rng;
use super::{Painter, class};

/// One car.
pub(super) struct Car {
    /// Its middle.
    x: f32,
    /// Whether it shows its back to the camera.
    away: bool,
    paint: Rgb,
    body: Body,
}

/// A car's measures in metres.
#[derive(Clone, Copy)]
struct Body {
    length: f32,
    width: f32,
    height: f32,
    /// Height of the window sills.
    sill: f32,
    /// Where the roof starts and ends, from the back.
    roof: [f32; 2],
    /// Where the windows start and end at the sill, from the back.
    cabin: [f32; 2],
}

const SALOON: Body = Body {
    length: 4.5,
    width: 1.8,
    height: 1.46,
    sill: 0.92,
    roof: [1.0, 2.5],
    cabin: [0.45, 3.3],
};
const HATCHBACK: Body = Body {
    length: 3.9,
    width: 1.75,
    height: 1.52,
    sill: 0.94,
    roof: [0.35, 2.3],
    cabin: [0.05, 3.0],
};
const OFF_ROADER: Body = Body {
    length: 4.6,
    width: 1.95,
    height: 1.78,
    sill: 1.1,
    roof: [0.3, 2.9],
    cabin: [0.06, 3.5],
};
const VAN: Body = Body {
    length: 4.9,
    width: 1.95,
    height: 2.1,
    sill: 1.2,
    roof: [0.08, 3.6],
    cabin: [0.02, 4.3],
};

const PAINTS: [Rgb; 9] = [
    Rgb::display(214, 214, 216),
    Rgb::display(150, 154, 160),
    Rgb::display(40, 42, 48),
    Rgb::display(176, 36, 38),
    Rgb::display(38, 72, 140),
    Rgb::display(70, 90, 104),
    Rgb::display(232, 230, 224),
    Rgb::display(56, 100, 82),
    Rgb::display(208, 150, 48),
];
/// Metres the windows lean inwards.
const LEAN: f32 = 0.14;

const GLASS: Rgb = Rgb::display(38, 46, 54);
const RUBBER: Rgb = Rgb::display(26, 26, 28);
const RIM: Rgb = Rgb::display(140, 142, 146);

impl Car {
    /// A car at `x`; `away` drives in the camera's direction.
    pub(super) fn new(rng: &mut Rng, x: f32, away: bool) -> Self {
        Self {
            x,
            away,
            paint: rng.pick(&PAINTS).times(rng.range(0.9, 1.1)),
            body: rng.pick(&[SALOON, SALOON, HATCHBACK, HATCHBACK, OFF_ROADER, VAN]),
        }
    }

    /// Paints a car whose near end is at `z`.
    pub(super) fn paint(&self, painter: &mut Painter<'_>, z: f32) {
        if z < NEAR + 1.0 {
            return;
        }
        self.paint_shadow(painter, z);
        self.paint_side(painter, z);
        self.paint_end(painter, z);
        self.paint_lights(painter, z);
    }

    /// Metres from the near end for a distance from the back.
    fn depth_of(&self, from_back: f32) -> f32 {
        if self.away {
            from_back
        } else {
            self.body.length - from_back
        }
    }

    fn paint_shadow(&self, painter: &mut Painter<'_>, z: f32) {
        let half = self.body.width * 0.56;
        let cast = -painter.light.sun_side * 0.7;
        let length = self.body.length;
        let shape = |cast: f32| {
            painter.layout.camera.outline([
                [self.x - half + cast.min(0.0), 0.0, z - 0.15],
                [self.x + half + cast.max(0.0), 0.0, z - 0.15],
                [self.x + half + cast.max(0.0), 0.0, z + length],
                [self.x - half + cast.min(0.0), 0.0, z + length],
            ])
        };
        let (under, thrown) = (shape(0.0), shape(cast));
        if painter.light.sun != Rgb::BLACK {
            painter.raster.shade(&thrown, 0.45);
        }
        painter.raster.shade(&under, 0.6);
    }

    /// The side that looks to the road's middle, with its wheels.
    fn paint_side(&self, painter: &mut Painter<'_>, z: f32) {
        let camera = &painter.layout.camera;
        let light = painter.light;
        let body = self.body;
        let inward = (camera.x - self.x).signum();
        let x = self.x + inward * body.width * 0.5;
        let facing = if inward < 0.0 {
            Facing::Left
        } else {
            Facing::Right
        };
        let at = |from_back: f32, y: f32| -> World { [x, y, z + self.depth_of(from_back)] };
        let nose = body.length;
        let flank = camera.outline([
            at(0.0, 0.3),
            at(nose, 0.3),
            at(nose, body.sill - 0.16),
            at(body.cabin[1], body.sill),
            at(body.cabin[0], body.sill),
            at(0.0, body.sill - 0.06),
        ]);
        painter.raster.fill(&flank, class::CAR, |pixel| {
            let (y, depth) = camera.on_wall(x, pixel);
            let sheen = 0.72 + 0.5 * (y / body.sill).clamp(0.0, 1.0);
            light.shade(self.paint.times(sheen), facing, [x, y, depth.max(z)], 1.0)
        });
        let inset = inward * LEAN;
        let lean = |[_, y, z]: World| -> World { [x - inset, y, z] };
        let cabin = camera.outline([
            at(body.cabin[0], body.sill),
            at(body.cabin[1], body.sill),
            lean(at(body.roof[1], body.height)),
            lean(at(body.roof[0], body.height)),
        ]);
        let shell = light.shade(self.paint, facing, [x, 1.2, z], 1.0);
        painter.raster.fill(&cabin, class::CAR, |_| shell);
        let pane = light.shade(GLASS, facing, [x, 1.2, z], 1.0);
        let pane = pane.plus(light.horizon.times(0.06));
        let door = (body.roof[0] + body.roof[1]) * 0.5;
        let (low, high) = (body.sill + 0.04, body.height - 0.1);
        for [a, b, c, d] in [
            [
                body.cabin[0] + 0.3,
                door - 0.06,
                door - 0.06,
                body.roof[0] + 0.16,
            ],
            [
                door + 0.06,
                body.cabin[1] - 0.3,
                body.roof[1] - 0.1,
                door + 0.06,
            ],
        ] {
            let window =
                camera.outline([at(a, low), at(b, low), lean(at(c, high)), lean(at(d, high))]);
            painter.raster.fill(&window, class::CAR, |_| pane);
        }
        for from_back in [0.8, nose - 0.85] {
            paint_wheel(painter, x, z + self.depth_of(from_back));
        }
    }

    /// The end that faces the camera.
    fn paint_end(&self, painter: &mut Painter<'_>, z: f32) {
        let camera = &painter.layout.camera;
        let light = painter.light;
        let body = self.body;
        let half = body.width * 0.5;
        let slope = if self.away {
            body.cabin[0]..body.roof[0]
        } else {
            body.length - body.cabin[1]..body.length - body.roof[1]
        };
        let bonnet = if self.away {
            body.sill - 0.04
        } else {
            body.sill - 0.16
        };
        let flat = |x: f32, y: f32, back: f32| -> World { [self.x + x, y, z + back] };
        let colour = |albedo: Rgb| light.shade(albedo, Facing::Camera, [self.x, 0.9, z], 1.0);
        let shell = colour(self.paint);
        for side in [-1.0, 1.0] {
            let wheel = camera.outline([
                flat(side * half * 0.95, 0.02, 0.05),
                flat(side * half * 0.66, 0.02, 0.05),
                flat(side * half * 0.66, 0.4, 0.05),
                flat(side * half * 0.95, 0.4, 0.05),
            ]);
            let rubber = colour(RUBBER);
            painter.raster.fill(&wheel, class::CAR, |_| rubber);
        }
        // The bonnet or boot lid, seen from a little above.
        let lid = camera.outline([
            flat(-half, bonnet, 0.0),
            flat(half, bonnet, 0.0),
            flat(half, body.sill, slope.start),
            flat(-half, body.sill, slope.start),
        ]);
        let top = light.shade(self.paint.times(1.05), Facing::Up, [self.x, 1.0, z], 1.0);
        painter.raster.fill(&lid, class::CAR, |_| top);
        let pillars = camera.outline([
            flat(-half, body.sill - 0.02, slope.start),
            flat(half, body.sill - 0.02, slope.start),
            flat(half - LEAN, body.height, slope.end),
            flat(LEAN - half, body.height, slope.end),
        ]);
        painter.raster.fill(&pillars, class::CAR, |_| shell);
        let screen = camera.outline([
            flat(-half * 0.82, body.sill + 0.05, slope.start),
            flat(half * 0.82, body.sill + 0.05, slope.start),
            flat(half * 0.7, body.height - 0.1, slope.end),
            flat(-half * 0.7, body.height - 0.1, slope.end),
        ]);
        let high = camera.project(flat(0.0, body.height, slope.end))[1];
        let low = camera.project(flat(0.0, body.sill, slope.start))[1];
        let pane = colour(GLASS);
        painter.raster.fill(&screen, class::CAR, |pixel| {
            let up = ((low - pixel[1]) / (low - high).max(1.0)).clamp(0.0, 1.0);
            pane.plus(light.horizon.times(0.05 + 0.14 * up))
        });
        let tail = camera.outline([
            flat(-half, 0.34, 0.0),
            flat(half, 0.34, 0.0),
            flat(half, bonnet - 0.05, 0.0),
            flat(half * 0.94, bonnet, 0.0),
            flat(-half * 0.94, bonnet, 0.0),
            flat(-half, bonnet - 0.05, 0.0),
        ]);
        painter.raster.fill(&tail, class::CAR, |pixel| {
            let (x, y) = camera.on_front(z, pixel);
            let albedo = if y < 0.5 {
                self.paint.times(0.4)
            } else {
                self.paint
            };
            let sheen = 0.78 + 0.4 * (y / body.sill).clamp(0.0, 1.0);
            light.shade(albedo.times(sheen), Facing::Camera, [x, y, z], 1.0)
        });
    }

    /// Number plate and lamps.
    fn paint_lights(&self, painter: &mut Painter<'_>, z: f32) {
        let camera = &painter.layout.camera;
        let light = painter.light;
        let half = self.body.width * 0.5;
        let scale = camera.scale(z);
        let middle = self.body.sill - 0.28;
        let rectangle = |x: f32, y: f32, half_width: f32, half_height: f32| {
            camera.outline([
                [x - half_width, y - half_height, z],
                [x + half_width, y - half_height, z],
                [x + half_width, y + half_height, z],
                [x - half_width, y + half_height, z],
            ])
        };
        let colour = |albedo: Rgb| light.shade(albedo, Facing::Camera, [self.x, middle, z], 1.0);
        let plate = colour(Rgb::display(226, 224, 214));
        painter.raster.fill(
            &rectangle(self.x, middle - 0.14, 0.26, 0.07),
            class::CAR,
            |_| plate,
        );
        let (albedo, lamp) = if self.away {
            (Rgb::display(176, 30, 30), Rgb::display(255, 40, 30))
        } else {
            (Rgb::display(226, 228, 224), Rgb::display(255, 246, 220))
        };
        let power = light.lamps_on;
        let shine = colour(albedo).plus(light.haze(lamp, z).times(power));
        for side in [-1.0, 1.0] {
            let x = self.x + side * half * 0.76;
            painter
                .raster
                .fill(&rectangle(x, middle, half * 0.17, 0.1), class::CAR, |_| {
                    shine
                });
            if power > 0.0 {
                let reach = if self.away { 0.55 } else { 1.3 };
                let centre = camera.project([x, middle, z]);
                painter
                    .raster
                    .glow(centre, scale * reach, lamp.times(0.5 * power));
            }
        }
    }
}

/// Paints a wheel on the plane `x`, seen at an angle.
fn paint_wheel(painter: &mut Painter<'_>, x: f32, z: f32) {
    let camera = &painter.layout.camera;
    let light = painter.light;
    for (radius, albedo) in [(0.33, RUBBER), (0.19, RIM)] {
        let round = ellipse([0.0, 0.0], radius, radius);
        let outline = round.map(|[along, up]| camera.project([x, 0.33 + up, z + along]));
        let colour = light.shade(albedo, Facing::Camera, [x, 0.3, z], 0.6);
        painter.raster.fill(&outline, class::CAR, |_| colour);
    }
}

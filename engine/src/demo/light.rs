//! Light and weather: what colour a surface has at a place in the street.

use super::geometry::{Rgb, World};
use super::rng::Rng;
use super::{Settings, Time, Weather};

/// Which way a surface looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Facing {
    /// To the sky: road, roofs.
    Up,
    /// To the camera: backs of cars, people.
    Camera,
    /// To the left: the right-hand houses.
    Left,
    /// To the right: the left-hand houses.
    Right,
}

/// The light of one scene.
pub(super) struct Light {
    /// The sun's side: -1 left, 1 right; and how much of it there is.
    pub sun_side: f32,
    /// The sun's own light; black without a sun.
    pub sun: Rgb,
    /// Light from everywhere.
    pub ambient: Rgb,
    /// The sky overhead.
    pub zenith: Rgb,
    /// The sky at the horizon, which is also the haze's colour.
    pub horizon: Rgb,
    /// How much of the sky is cloud, 0 to 1.
    pub cloudiness: f32,
    /// Metres after which haze has taken half of a colour.
    pub visibility: f32,
    /// Whether lamps, windows and headlights are on, 0 to 1.
    pub lamps_on: f32,
    /// Street lamps: (x, z).
    pub lamps: Vec<[f32; 2]>,
    /// Whether the road is wet.
    pub wet: bool,
    /// Whether rain falls.
    pub rain: bool,
    /// Standard deviation of the sensor's noise in display units (0 to 1).
    pub noise: f32,
}

/// Metres above the road a street lamp shines from.
pub(super) const LAMP_HEIGHT: f32 = 5.6;
const LAMP_LIGHT: Rgb = Rgb::display(255, 206, 148);
const HEADLIGHT: Rgb = Rgb::display(240, 240, 255);

impl Light {
    /// The light for `settings`, varied by `rng`. Lamps are placed by the layout.
    pub(super) fn new(rng: &mut Rng, settings: Settings) -> Self {
        let mut light = match settings.time {
            Time::Day => day(rng),
            Time::Dusk => dusk(rng),
            Time::Night => night(rng),
        };
        light.sun_side = rng.sign() * rng.range(0.5, 1.0);
        match settings.weather {
            Weather::Clear => {}
            Weather::Overcast => light.cloud_over(0.9),
            Weather::Rain => {
                light.cloud_over(1.0);
                light.ambient = light.ambient.times(0.82);
                light.horizon = light.horizon.times(0.85);
                light.visibility = rng.range(90.0, 150.0);
                light.wet = true;
                light.rain = true;
                light.noise *= 1.3;
            }
            Weather::Fog => {
                light.cloud_over(1.0);
                light.zenith = light.horizon;
                light.visibility = rng.range(32.0, 50.0);
            }
        }
        light
    }

    fn cloud_over(&mut self, amount: f32) {
        let grey = self.horizon.0.iter().sum::<f32>() / 3.0;
        let grey = Rgb([grey * 0.96, grey, grey * 1.05]);
        self.cloudiness = amount;
        self.ambient = self.ambient.plus(self.sun.times(0.22));
        self.sun = Rgb::BLACK;
        self.zenith = self.zenith.mix(grey.times(0.72), amount);
        self.horizon = self.horizon.mix(grey.times(0.95), amount);
    }

    /// How much sun a surface gets that nothing shades, 0 to 1.
    pub(super) fn sun_on(&self, facing: Facing) -> f32 {
        match facing {
            Facing::Up => 0.75,
            Facing::Camera => 0.38,
            Facing::Left => (-self.sun_side).max(0.0) * 0.9,
            Facing::Right => self.sun_side.max(0.0) * 0.9,
        }
    }

    /// A surface's colour as the camera sees it, `sunlit` 0 (in shadow) to 1.
    pub(super) fn shade(&self, albedo: Rgb, facing: Facing, at: World, sunlit: f32) -> Rgb {
        let sky = match facing {
            Facing::Up => 1.0,
            Facing::Camera => 0.74,
            Facing::Left | Facing::Right => 0.82,
        };
        let mut light = self
            .ambient
            .times(sky)
            .plus(self.sun.times(self.sun_on(facing) * sunlit));
        if self.lamps_on > 0.0 {
            light = light.plus(self.lamplight(at));
        }
        self.haze(albedo.lit(light), at[2])
    }

    /// What the street lamps and the camera car's headlights add at a point.
    fn lamplight(&self, [x, y, z]: World) -> Rgb {
        let mut sum = 0.0;
        for lamp in &self.lamps {
            let (dx, dz) = (x - lamp[0], z - lamp[1]);
            let dy = (LAMP_HEIGHT - y) * 0.5;
            let reach = 1.0 + (dx * dx + dz * dz + dy * dy) / 7.0;
            sum += 1.5 / (reach * reach);
        }
        let beam = 1.0 / (1.0 + (x * x) * 0.02 + (z * z) * 0.004 + y * y * 0.12);
        LAMP_LIGHT
            .times(sum * self.lamps_on)
            .plus(HEADLIGHT.times(0.30 * beam * self.lamps_on))
    }

    /// A colour seen through `z` metres of air.
    pub(super) fn haze(&self, colour: Rgb, z: f32) -> Rgb {
        // A rational stand-in for 1 - exp(-z / visibility), the same on every machine.
        let t = z / self.visibility;
        let amount = t * t / (1.0 + t * t);
        colour.mix(self.horizon, amount)
    }
}

fn day(rng: &mut Rng) -> Light {
    let warm = rng.range(0.0, 1.0);
    Light {
        sun_side: 0.0,
        sun: Rgb([1.08, 1.0 - 0.10 * warm, 0.92 - 0.26 * warm]).times(rng.range(0.85, 1.1)),
        ambient: Rgb([0.40, 0.44, 0.53]).times(rng.range(0.85, 1.15)),
        zenith: Rgb::display(70, 128, 205).times(rng.range(0.85, 1.15)),
        horizon: Rgb::display(202, 218, 232),
        cloudiness: rng.range(0.1, 0.6),
        visibility: rng.range(130.0, 260.0),
        lamps_on: 0.0,
        lamps: Vec::new(),
        wet: false,
        rain: false,
        noise: rng.range(0.008, 0.018),
    }
}

fn dusk(rng: &mut Rng) -> Light {
    Light {
        sun_side: 0.0,
        sun: Rgb::display(232, 128, 72).times(0.35),
        ambient: Rgb([0.20, 0.175, 0.24]).times(rng.range(0.85, 1.15)),
        zenith: Rgb::display(62, 66, 122),
        horizon: Rgb::display(238, 156, 112).times(rng.range(0.75, 1.0)),
        cloudiness: rng.range(0.2, 0.7),
        visibility: rng.range(140.0, 240.0),
        lamps_on: 0.65,
        lamps: Vec::new(),
        wet: false,
        rain: false,
        noise: rng.range(0.014, 0.024),
    }
}

fn night(rng: &mut Rng) -> Light {
    Light {
        sun_side: 0.0,
        sun: Rgb::BLACK,
        ambient: Rgb([0.016, 0.020, 0.036]).times(rng.range(0.8, 1.3)),
        zenith: Rgb::display(9, 12, 28),
        horizon: Rgb::display(40, 38, 56).times(rng.range(0.7, 1.3)),
        cloudiness: rng.range(0.1, 0.5),
        visibility: rng.range(140.0, 240.0),
        lamps_on: 1.0,
        lamps: Vec::new(),
        wet: false,
        rain: false,
        noise: rng.range(0.03, 0.05),
    }
}

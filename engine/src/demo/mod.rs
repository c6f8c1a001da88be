//! Procedural street scenes with exact labels: the offline tour, the tests' supply, and what the
//! embedded model was trained on.
//!
//! A scene is a street in perspective: road, pavements, houses, trees, lamps, signs, cars and people,
//! painted back to front under one light. The same seed gives the same bytes on every machine: only
//! integers and `f32` with `+ - * /` and `sqrt` (all exact in IEEE 754) decide a pixel.

mod building;
mod car;
mod disk;
mod furniture;
mod geometry;
mod ground;
mod layout;
mod light;
mod person;
mod raster;
mod rng;
mod sensor;
mod sky;
#[cfg(test)]
mod tests;
mod training;
mod tree;

use std::str::FromStr;

use image::RgbImage;

use crate::error::{Error, Result};
use layout::{Layout, Thing};
use light::Light;
use raster::Raster;
use rng::Rng;

pub use disk::{DemoOptions, DemoReport, truth_folder, write_demo};
pub use training::DayScenes;

/// The classes of a scene, as Cityscapes train ids.
pub mod class {
    /// The carriageway and its marks.
    pub const ROAD: u8 = 0;
    /// The pavement and its kerb.
    pub const SIDEWALK: u8 = 1;
    /// Houses.
    pub const BUILDING: u8 = 2;
    /// Lamp posts and the poles of signs.
    pub const POLE: u8 = 5;
    /// Traffic signs.
    pub const SIGN: u8 = 7;
    /// Trees with their trunks, hedges.
    pub const VEGETATION: u8 = 8;
    /// The sky.
    pub const SKY: u8 = 10;
    /// People.
    pub const PERSON: u8 = 11;
    /// Cars and vans.
    pub const CAR: u8 = 13;
    /// All of them, in ascending order.
    pub const ALL: [u8; 9] = [
        ROAD, SIDEWALK, BUILDING, POLE, SIGN, VEGETATION, SKY, PERSON, CAR,
    ];
}

/// An image's size in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl Size {
    /// The smallest and the largest side a scene can have.
    pub const SIDES: std::ops::RangeInclusive<u32> = 32..=8192;

    /// A size whose sides are within [`Size::SIDES`].
    ///
    /// # Errors
    /// [`Error::Argument`] where they are not.
    pub fn new(width: u32, height: u32) -> Result<Self> {
        if Self::SIDES.contains(&width) && Self::SIDES.contains(&height) {
            Ok(Self { width, height })
        } else {
            Err(Error::argument(
                "size",
                format!(
                    "sides of {} to {} pixels",
                    Self::SIDES.start(),
                    Self::SIDES.end()
                ),
                format!("{width}x{height}"),
            ))
        }
    }
}

impl FromStr for Size {
    type Err = Error;

    /// From "512x256".
    fn from_str(text: &str) -> Result<Self> {
        let sides = text.split_once('x');
        match sides.map(|(w, h)| (w.parse(), h.parse())) {
            Some((Ok(width), Ok(height))) => Self::new(width, height),
            _ => Err(Error::argument("size", "WIDTHxHEIGHT, as 512x256", text)),
        }
    }
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}

/// The time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// The sun is up.
    Day,
    /// The sun is down, lamps come on.
    Dusk,
    /// Lamps, lit windows and headlights, and a noisy image.
    Night,
}

/// The weather.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// Sun or stars, some clouds.
    Clear,
    /// A grey sky, no shadows.
    Overcast,
    /// A wet road, streaks in the air.
    Rain,
    /// What is far fades away.
    Fog,
}

/// What a scene's light is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The time of day.
    pub time: Time,
    /// The weather.
    pub weather: Weather,
}

impl Settings {
    /// A time of day with weather that follows from the seed: half of the scenes are clear.
    pub fn at(time: Time, seed: u64) -> Self {
        let mut rng = Rng::new(seed ^ 0x3EA7_4E12);
        let weather = rng.pick(&[
            Weather::Clear,
            Weather::Clear,
            Weather::Clear,
            Weather::Overcast,
            Weather::Rain,
            Weather::Fog,
        ]);
        Self { time, weather }
    }
}

/// An image and its exact labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scene {
    /// What the camera saw.
    pub image: RgbImage,
    /// A class index a pixel (see [`class`]), row by row; no void.
    pub labels: Vec<u8>,
}

/// Draws one scene. The street follows from `seed` alone: at another time of day or in other
/// weather the same things stand in the same places.
pub fn scene(seed: u64, size: Size, settings: Settings) -> Scene {
    let layout = Layout::new(&mut Rng::new(seed), size);
    let mut rng = Rng::new(seed ^ 0x11A6_8717);
    let mut light = Light::new(&mut rng, settings);
    for (z, thing) in &layout.things {
        if let Thing::Lamp(x) = thing {
            light.lamps.push([x - x.signum() * 1.5, *z]);
        }
    }
    let mut painter = Painter {
        raster: Raster::new(size.width as usize, size.height as usize, class::SKY),
        layout: &layout,
        light: &light,
    };
    painter.paint_all();
    let mut raster = painter.raster;
    if light.rain {
        sensor::rain(&mut rng, &mut raster, &light);
    }
    Scene {
        image: sensor::expose(&raster, &light, rng.seed()),
        labels: raster.labels,
    }
}

/// What painters need: where to paint, what stands where, and the light on it.
struct Painter<'a> {
    raster: Raster,
    layout: &'a Layout,
    light: &'a Light,
}

impl Painter<'_> {
    fn paint_all(&mut self) {
        self.paint_sky();
        self.paint_far_end();
        self.paint_ground();
        self.paint_lots();
        let layout = self.layout;
        for (z, thing) in &layout.things {
            match thing {
                Thing::Tree(tree) => tree.paint(self, *z),
                Thing::Lamp(x) => furniture::paint_lamp(self, *x, *z),
                Thing::Sign(sign) => sign.paint(self, *z),
                Thing::Car(car) => car.paint(self, *z),
                Thing::Person(person) => person.paint(self, *z),
            }
        }
    }
}

//! A folder of scenes on disk, with the truth beside it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use atrous_palettes::Palette;
use image::ImageEncoder as _;
use image::codecs::png::PngEncoder;
use rayon::prelude::*;

use super::{Scene, Settings, Size, Time, Weather, scene};
use crate::atomic_file::write_bytes;
use crate::error::{Error, Result};
use crate::jobs::{Monitor, Pace};
use crate::mask::{LabelMap, png_file};

/// Which scenes to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoOptions {
    /// How many.
    pub images: u32,
    /// Seed of the first one; the others follow on.
    pub seed: u64,
    /// Their size.
    pub size: Size,
    /// The time of day; mixed where none is given: most by day, some at dusk, a quarter at night.
    pub time: Option<Time>,
    /// The weather; mixed where none is given.
    pub weather: Option<Weather>,
}

impl Default for DemoOptions {
    fn default() -> Self {
        Self {
            images: 24,
            seed: 1,
            size: Size {
                width: 512,
                height: 320,
            },
            time: None,
            weather: None,
        }
    }
}

impl DemoOptions {
    /// Seed, light and file name of scene number `index`.
    pub fn scene(&self, index: u32) -> (u64, Settings, String) {
        let time = self.time.unwrap_or(match index % 8 {
            2 | 6 => Time::Night,
            4 => Time::Dusk,
            _ => Time::Day,
        });
        let seed = self.seed.wrapping_add(u64::from(index));
        let mut settings = Settings::at(time, seed);
        settings.weather = self.weather.unwrap_or(settings.weather);
        let word = match time {
            Time::Day => "day",
            Time::Dusk => "dusk",
            Time::Night => "night",
        };
        (seed, settings, format!("street-{seed:05}-{word}.png"))
    }
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoReport {
    /// The folder of images.
    pub images: PathBuf,
    /// The folder of label maps.
    pub truth: PathBuf,
    /// How many of each.
    pub count: u32,
}

/// Where the exact labels of the scenes in `folder` lie: beside it, so that they are never taken for
/// images. `streets` has its truth in `streets-truth`.
pub fn truth_folder(folder: &Path) -> PathBuf {
    let mut name = folder
        .file_name()
        .map_or_else(|| OsString::from("demo"), OsString::from);
    name.push("-truth");
    folder.with_file_name(name)
}

/// Writes scenes as PNG images into `folder`, which can be opened as a project, and their label maps
/// (indexed PNG, Cityscapes train ids and colours, the image's name) into [`truth_folder`].
///
/// # Errors
/// [`Error::Io`] when a folder or file can't be written, [`Error::Cancelled`] when the monitor says
/// stop: what is there then is whole.
pub fn write_demo(
    folder: &Path,
    options: &DemoOptions,
    monitor: &mut dyn Monitor,
) -> Result<DemoReport> {
    // "." and ".." have no name that a sibling could be named after.
    let folder = std::path::absolute(folder).map_err(Error::io(folder, "resolving"))?;
    let truth = truth_folder(&folder);
    let colors = Palette::cityscapes().colors();
    let mut pace = Pace::new(u64::from(options.images));
    monitor.checkpoint(&pace.at(0, ""))?;
    let together = rayon::current_num_threads().max(1) as u32;
    let mut done = 0;
    while done < options.images {
        let end = (done + together).min(options.images);
        (done..end).into_par_iter().try_for_each(|index| {
            let (seed, settings, name) = options.scene(index);
            let scene = scene(seed, options.size, settings);
            write_scene(&scene, &folder.join(&name), &truth.join(&name), &colors)
        })?;
        done = end;
        let (_, _, name) = options.scene(done - 1);
        monitor.checkpoint(&pace.at(u64::from(done), name))?;
    }
    Ok(DemoReport {
        images: folder,
        truth,
        count: options.images,
    })
}

fn write_scene(scene: &Scene, image: &Path, truth: &Path, colors: &png_file::Colors) -> Result<()> {
    let (width, height) = scene.image.dimensions();
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes)
        .write_image(
            scene.image.as_raw(),
            width,
            height,
            image::ExtendedColorType::Rgb8,
        )
        .map_err(|error| Error::io(image, "encoding")(std::io::Error::other(error)))?;
    // The label map first: where there is an image, there is its truth.
    let labels = LabelMap::from_vec(width, height, &scene.labels)?;
    write_bytes(truth, &png_file::encode(&labels, colors)?)?;
    write_bytes(image, &bytes)
}

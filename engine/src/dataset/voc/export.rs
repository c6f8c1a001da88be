//! Writing the layout.

use std::fs;
use std::path::Path;

use atrous_palettes::Palette;
use rayon::prelude::*;

use super::Layout;
use super::check;
use super::image;
use crate::dataset::export::{ExportReport, ExportedImage, LabelledImage, LabelledImages};
use crate::dataset::split::{Fractions, Split};
use crate::dataset::stems;
use crate::dataset::target::{MANIFEST, Target};
use crate::error::{Error, Result};
use crate::image_file;
use crate::jobs::{Monitor, Pace};
use crate::limits::Limits;
use crate::mask::png_file;

/// How to export.
#[derive(Debug, Clone, Default)]
pub struct ExportOptions {
    /// The parts for training, validation and test. `None`: the held-out images are for
    /// validation, or a fifth of all where none are held out.
    pub split: Option<Fractions>,
    /// Limits on the images.
    pub limits: Limits,
}

/// Writes images and labels to `out`, reads them back and compares every pixel, and only then puts
/// the folder in its place: it is there whole and checked, or not at all.
///
/// The user's images are only read. JPEGs are copied; others, and those with an EXIF orientation,
/// are converted. `out` must be new, empty, or an earlier export, which is replaced.
///
/// # Errors
/// [`Error::Argument`] when there is nothing to export or `out` must not be replaced;
/// [`Error::File`] when an image and its label map differ in size, or what was written does not
/// read back the same; [`Error::Cancelled`] when `monitor` says so; [`Error::Io`].
pub fn export(
    source: &dyn LabelledImages,
    out: &Path,
    options: &ExportOptions,
    monitor: &mut dyn Monitor,
) -> Result<ExportReport> {
    let images = source.images()?;
    if images.is_empty() {
        return Err(Error::argument(
            "export",
            "at least one image to export",
            source.nothing_found(),
        ));
    }
    let target = Target::new(out)?;
    let layout = Layout::new(target.folder());
    for folder in [layout.images(), layout.classes(), layout.raw_classes()] {
        fs::create_dir_all(&folder).map_err(Error::io(&folder, "making the folder"))?;
    }
    let palette = source.palette();
    let planned = plan(&images, options.split);
    let mut exported = Vec::with_capacity(images.len());
    let mut pace = Pace::new(images.len() as u64);
    let jobs: Vec<(&LabelledImage, ExportedImage)> = images.iter().zip(planned).collect();
    for jobs in jobs.chunks(2 * rayon::current_num_threads()) {
        let written: Result<Vec<_>> = jobs
            .par_iter()
            .map(|(image, plan)| {
                let copied = write_one(source, image, &plan.stem, &palette, &layout, options)?;
                Ok(ExportedImage {
                    copied,
                    ..plan.clone()
                })
            })
            .collect();
        exported.extend(written?);
        let note = jobs.last().map(|(image, _)| image.name.clone());
        monitor.checkpoint(&pace.at(exported.len() as u64, note.unwrap_or_default()))?;
    }
    write_lists(&layout, &exported)?;
    write_classes(&layout, &palette)?;
    check::lists(target.folder(), &exported, &options.limits)?;
    write_manifest(target.folder(), &exported, &palette)?;
    Ok(ExportReport {
        folder: target.finish()?,
        images: exported,
        excluded: source.excluded(),
    })
}

/// Stem and split of every image.
fn plan(images: &[LabelledImage], fractions: Option<Fractions>) -> Vec<ExportedImage> {
    let names: Vec<&str> = images.iter().map(|image| image.name.as_str()).collect();
    let held_out: Vec<(&str, bool)> = images
        .iter()
        .map(|image| (image.name.as_str(), image.held_out))
        .collect();
    let any_held_out = images.iter().any(|image| image.held_out);
    let splits = match fractions {
        None if any_held_out => images
            .iter()
            .map(|image| {
                if image.held_out {
                    Split::Val
                } else {
                    Split::Train
                }
            })
            .collect(),
        fractions => fractions.unwrap_or_default().assign(&held_out),
    };
    let stems = stems::unique(&names);
    names
        .into_iter()
        .zip(stems)
        .zip(splits)
        .map(|((name, stem), split)| ExportedImage {
            name: name.to_owned(),
            stem,
            split,
            copied: false,
        })
        .collect()
}

/// Writes one image and its label maps and checks them. Says whether the image was copied.
fn write_one(
    source: &dyn LabelledImages,
    image: &LabelledImage,
    stem: &str,
    palette: &Palette,
    layout: &Layout,
    options: &ExportOptions,
) -> Result<bool> {
    let labels = source.labels(image)?;
    let (width, height) = image_file::dimensions(&image.path, &options.limits)?;
    if labels.size() != [width, height] {
        let [label_width, label_height] = labels.size();
        return Err(Error::file(
            &image.path,
            format!("a label map of {width} x {height} pixels"),
            format!("one of {label_width} x {label_height}"),
            "The image was changed after it was labelled: put the old one back, or label it anew.",
        ));
    }
    let copied = image::put(&image.path, &layout.image(stem), &options.limits)?;
    let colors = palette.colors();
    for (path, bytes) in [
        (layout.class(stem), png_file::encode(&labels, &colors)?),
        (layout.raw_class(stem), png_file::encode_grey(&labels)?),
    ] {
        fs::write(&path, bytes).map_err(Error::io(&path, "writing"))?;
    }
    check::image(layout, stem, &labels, palette, &options.limits)?;
    Ok(copied)
}

fn write_lists(layout: &Layout, images: &[ExportedImage]) -> Result<()> {
    let write = |path: &Path, wanted: &dyn Fn(Split) -> bool| {
        let stems = images.iter().filter(|image| wanted(image.split));
        let lines: String = stems.map(|image| format!("{}\n", image.stem)).collect();
        write(path, lines.as_bytes())
    };
    let folder = layout.root.join("ImageSets/Segmentation");
    fs::create_dir_all(&folder).map_err(Error::io(&folder, "making the folder"))?;
    write(&layout.list("trainval"), &|split| split != Split::Test)?;
    for split in [Split::Train, Split::Val] {
        write(&layout.split_list(split), &|other| other == split)?;
    }
    if images.iter().any(|image| image.split == Split::Test) {
        write(&layout.split_list(Split::Test), &|split| {
            split == Split::Test
        })?;
    }
    Ok(())
}

/// The classes twice: as names alone, which other tools read, and as a palette of ours.
fn write_classes(layout: &Layout, palette: &Palette) -> Result<()> {
    let names = palette
        .classes
        .iter()
        .map(|class| format!("{}\n", class.name));
    write(&layout.class_names(), names.collect::<String>().as_bytes())?;
    write(
        &layout.root.join("palette.toml"),
        palette.to_toml().as_bytes(),
    )
}

/// What was exported from where: it also marks the folder as one that an export may replace.
fn write_manifest(folder: &Path, images: &[ExportedImage], palette: &Palette) -> Result<()> {
    let images: Vec<_> = images
        .iter()
        .map(|image| {
            serde_json::json!({
                "stem": image.stem,
                "image": image.name,
                "split": image.split.name(),
                "copied": image.copied,
            })
        })
        .collect();
    let manifest = serde_json::json!({
        "format": "voc",
        "palette": palette.name,
        "classes": palette.len(),
        "void": atrous_palettes::VOID,
        "ignored": palette.ignored,
        "images": images,
    });
    write(&folder.join(MANIFEST), format!("{manifest:#}\n").as_bytes())
}

/// Into a folder that nobody sees before it is whole, so plainly.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).map_err(Error::io(path, "writing"))
}

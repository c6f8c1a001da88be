//! Reading an export back by the rules of the format and comparing it with what was meant.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use atrous_palettes::Palette;
use png::{BitDepth, ColorType};

use super::{Layout, read_back};
use crate::dataset::export::ExportedImage;
use crate::dataset::folder::files_below;
use crate::dataset::list;
use crate::dataset::split::Split;
use crate::error::{Error, Result};
use crate::image_file;
use crate::limits::Limits;
use crate::mask::{LabelMap, png_file};

/// Compares the files of one image with its label map.
pub(super) fn image(
    layout: &Layout,
    stem: &str,
    labels: &LabelMap,
    palette: &Palette,
    limits: &Limits,
) -> Result<()> {
    let [width, height] = labels.size();
    let path = layout.image(stem);
    let (image_width, image_height) = image_file::dimensions(&path, limits)?;
    if [image_width, image_height] != [width, height] {
        return Err(differs(
            &path,
            format!("{width} x {height} pixels"),
            format!("{image_width} x {image_height}"),
        ));
    }
    for (path, color) in [
        (layout.class(stem), ColorType::Indexed),
        (layout.raw_class(stem), ColorType::Grayscale),
    ] {
        header(&path, color, palette)?;
        let read = png_file::read(&path, limits)?;
        if read != *labels {
            let wrong = read
                .to_vec()
                .iter()
                .zip(labels.to_vec())
                .filter(|(a, b)| **a != *b)
                .count();
            return Err(differs(
                &path,
                "the label map that was exported",
                format!("{wrong} other pixels"),
            ));
        }
    }
    Ok(())
}

/// Checks that a label file is of the form that readers of the layout rely on.
fn header(path: &Path, color: ColorType, palette: &Palette) -> Result<()> {
    let file = File::open(path).map_err(Error::io(path, "opening"))?;
    let reader = png::Decoder::new(BufReader::new(file))
        .read_info()
        .map_err(|error| differs(path, "a PNG file", error.to_string()))?;
    let info = reader.info();
    let expected_colors = (color == ColorType::Indexed).then(|| palette.colors());
    let expected_colors = expected_colors.as_ref().map(|colors| colors.as_flattened());
    if (info.color_type, info.bit_depth) != (color, BitDepth::Eight)
        || info.palette.as_deref() != expected_colors
        || info.trns.is_some()
    {
        return Err(differs(
            path,
            format!("8 bits, {color:?}, all 256 colours of the palette where indexed"),
            format!("{:?} bits, {:?}", info.bit_depth, info.color_type),
        ));
    }
    Ok(())
}

/// Compares lists, class names and the files that are there with what was exported.
pub(super) fn lists(folder: &Path, images: &[ExportedImage], limits: &Limits) -> Result<()> {
    let layout = Layout::new(folder);
    let dataset = read_back(folder, limits)?;
    let mut found: Vec<(&str, Option<Split>)> = dataset
        .images
        .iter()
        .map(|image| (image.stem.as_str(), image.split))
        .collect();
    let mut expected: Vec<(&str, Option<Split>)> = images
        .iter()
        .map(|image| (image.stem.as_str(), Some(image.split)))
        .collect();
    found.sort_unstable();
    expected.sort_unstable();
    if found != expected {
        return Err(differs(
            &folder.join("ImageSets/Segmentation"),
            format!("{} names", expected.len()),
            format!("{} names, not the same", found.len()),
        ));
    }
    let mut trainval: Vec<String> = list::names(&layout.list("trainval"), limits)?;
    trainval.sort_unstable();
    let meant = expected
        .iter()
        .filter(|(_, split)| *split != Some(Split::Test));
    if !meant
        .map(|(stem, _)| *stem)
        .eq(trainval.iter().map(String::as_str))
    {
        let found = format!("{} names", trainval.len());
        return Err(differs(
            &layout.list("trainval"),
            "the names of train and val",
            found,
        ));
    }
    for folder in [layout.images(), layout.classes(), layout.raw_classes()] {
        let files = files_below(&folder, |_| true)?.len();
        if files != images.len() {
            let expected = format!("{} files", images.len());
            return Err(differs(&folder, expected, format!("{files}")));
        }
    }
    Ok(())
}

fn differs(path: &Path, expected: impl Into<String>, found: impl Into<String>) -> Error {
    Error::file(
        path,
        expected,
        found,
        "The export did not read back as it was written and is not kept; is the disk sound?",
    )
}

//! Datasets that are written, and read back.

use std::fs;
use std::path::{Path, PathBuf};

use atrous_engine::dataset::split::Split;
use atrous_engine::dataset::{LabelledImage, LabelledImages, folder, list, voc};
use atrous_engine::jobs::{Cancel, Silent};
use atrous_engine::mask::LabelMap;
use atrous_engine::{Limits, Result, image_file};
use atrous_palettes::{Palette, VOID};
use atrous_tests::shared;
use image::{Rgb, RgbImage};
use voc::ExportOptions;

/// Images of a folder, each with a label map that is drawn from its number.
struct Drawn {
    images: Vec<LabelledImage>,
    palette: Palette,
}

impl Drawn {
    fn size(image: &LabelledImage) -> Result<[u32; 2]> {
        let (width, height) = image_file::dimensions(&image.path, &Limits::default())?;
        Ok([width, height])
    }
}

/// A label map with all classes, void, and stripes that no two images share.
fn drawn_labels([width, height]: [u32; 2], seed: usize, classes: usize) -> LabelMap {
    let value = |at: usize| match (at * (seed + 3) / 7) % (classes + 1) {
        class if class == classes => VOID,
        class => class as u8,
    };
    let pixels: Vec<u8> = (0..width as usize * height as usize).map(value).collect();
    LabelMap::from_vec(width, height, &pixels).unwrap()
}

impl LabelledImages for Drawn {
    fn palette(&self) -> Palette {
        self.palette.clone()
    }

    fn images(&self) -> Result<Vec<LabelledImage>> {
        Ok(self.images.clone())
    }

    fn labels(&self, image: &LabelledImage) -> Result<LabelMap> {
        let seed = self.images.iter().position(|other| other == image).unwrap();
        Ok(drawn_labels(Self::size(image)?, seed, self.palette.len()))
    }
}

fn image(folder: &Path, name: &str) -> LabelledImage {
    LabelledImage {
        name: name.to_owned(),
        path: folder.join(name),
        held_out: false,
    }
}

/// Ten PNG images of different sizes in two folders, with names that make trouble.
fn drawn_images(folder: &Path) -> Drawn {
    let names = [
        "a/one.png",
        "b/one.png",
        "v1.2.png",
        "sp ace.png",
        "\u{fc}ber.png",
        "5.png",
        "6.png",
        "7.png",
        "8.png",
        "9.png",
    ];
    for (number, name) in (0_u32..).zip(names) {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let color = |x: u32, y: u32| Rgb([x as u8, y as u8, 20 * number as u8]);
        RgbImage::from_fn(40 + number, 30 + 2 * number, color)
            .save(path)
            .unwrap();
    }
    Drawn {
        images: names.iter().map(|name| image(folder, name)).collect(),
        palette: Palette::from_names("own", ["sky", "road", "car"]).unwrap(),
    }
}

/// Everything in a folder, by its path in it.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let files = folder::files_below(folder, |_| true).unwrap();
    let name = |path: &PathBuf| path.strip_prefix(folder).unwrap().display().to_string();
    files
        .iter()
        .map(|path| (name(path), fs::read(path).unwrap()))
        .collect()
}

#[test]
fn a_voc_export_reads_back_pixel_by_pixel() {
    let folder = tempfile::tempdir().unwrap();
    let mut source = drawn_images(&folder.path().join("images"));
    source.images[6].held_out = true;
    source.images[7].held_out = true;
    let before = contents(&folder.path().join("images"));
    let out = folder.path().join("out/voc");
    let report = voc::export(&source, &out, &ExportOptions::default(), &mut Silent).unwrap();
    assert_eq!(before, contents(&folder.path().join("images")), "only read");
    let counts = Split::ALL.map(|split| report.count(split));
    assert_eq!(counts, [8, 2, 0], "what is held out is for validation");

    let text = |path: &str| fs::read_to_string(out.join(path)).unwrap();
    assert_eq!(text("ImageSets/Segmentation/val.txt"), "6\n7\n");
    assert_eq!(
        text("ImageSets/Segmentation/trainval.txt"),
        "a_one\nb_one\nv1_2\nsp_ace\n\u{fc}ber\n5\n6\n7\n8\n9\n"
    );
    assert!(!out.join("ImageSets/Segmentation/test.txt").exists());
    assert_eq!(text("class_names.txt"), "sky\nroad\ncar\n");
    assert_eq!(
        Palette::from_toml(&text("palette.toml")).unwrap(),
        source.palette
    );

    // Read here with nothing of the exporter: the PNG's own bytes.
    let dataset = voc::read_back(&out, &Limits::default()).unwrap();
    assert_eq!(dataset.images.len(), 10);
    for (number, exported) in report.images.iter().enumerate() {
        let labels = drawn_labels(Drawn::size(&source.images[number]).unwrap(), number, 3);
        let found = dataset
            .images
            .iter()
            .find(|image| image.stem == exported.stem)
            .unwrap();
        assert_eq!(found.split, Some(exported.split));
        for (path, color, colors) in [
            (
                found.labels.clone(),
                png::ColorType::Indexed,
                Some(source.palette.colors()),
            ),
            (
                out.join(format!("SegmentationClassRaw/{}.png", exported.stem)),
                png::ColorType::Grayscale,
                None,
            ),
        ] {
            let file = std::io::BufReader::new(fs::File::open(path).unwrap());
            let mut reader = png::Decoder::new(file).read_info().unwrap();
            let info = reader.info();
            assert_eq!(
                (info.color_type, info.bit_depth),
                (color, png::BitDepth::Eight)
            );
            assert_eq!(
                info.palette.as_deref(),
                colors.as_ref().map(|c| c.as_flattened())
            );
            let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
            reader.next_frame(&mut pixels).unwrap();
            assert_eq!(pixels, labels.to_vec());
        }
        let jpeg = fs::read(&found.image).unwrap();
        assert_eq!(jpeg[..3], [0xff, 0xd8, 0xff]);
        assert_eq!(
            Drawn::size(&image(Path::new(""), found.image.to_str().unwrap())).unwrap(),
            labels.size()
        );
    }
}

#[test]
fn an_export_is_the_same_twice_and_replaces_itself() {
    let folder = tempfile::tempdir().unwrap();
    let source = drawn_images(&folder.path().join("images"));
    let out = folder.path().join("voc");
    let options = ExportOptions {
        split: Some("0.5,0.3,0.2".parse().unwrap()),
        ..ExportOptions::default()
    };
    let report = voc::export(&source, &out, &options, &mut Silent).unwrap();
    assert_eq!(Split::ALL.map(|split| report.count(split)), [5, 3, 2]);
    let lines = |name: &str| {
        let path = out.join(format!("ImageSets/Segmentation/{name}.txt"));
        list::read(&path, &Limits::default()).unwrap().len()
    };
    assert_eq!(
        ["train", "val", "trainval", "test"].map(lines),
        [5, 3, 8, 2]
    );
    let first = contents(&out);
    voc::export(&source, &out, &options, &mut Silent).unwrap();
    assert_eq!(first, contents(&out));
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        2,
        "nothing is left lying about"
    );
}

#[test]
fn photos_come_out_upright_and_jpegs_untouched() {
    let Some(photos) = shared("data/photos") else {
        return;
    };
    let limits = Limits::default();
    let files = folder::files_below(&photos, image_file::is_image_name).unwrap();
    // The large photos take long and show nothing else.
    let small = |path: &PathBuf| {
        let (width, height) = image_file::dimensions(path, &limits).unwrap();
        u64::from(width) * u64::from(height) < 2_200_000
    };
    let images: Vec<LabelledImage> = files
        .iter()
        .filter(|path| small(path))
        .map(|path| {
            image(
                &photos,
                path.strip_prefix(&photos).unwrap().to_str().unwrap(),
            )
        })
        .collect();
    assert!(images.len() > 10, "{}", images.len());
    let source = Drawn {
        images,
        palette: Palette::cityscapes(),
    };
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("voc");
    let report = voc::export(&source, &out, &ExportOptions::default(), &mut Silent).unwrap();
    let (mut copied, mut turned) = (0, 0);
    for (exported, original) in report.images.iter().zip(&source.images) {
        let path = out.join(format!("JPEGImages/{}.jpg", exported.stem));
        if exported.copied {
            copied += 1;
            assert_eq!(fs::read(&path).unwrap(), fs::read(&original.path).unwrap());
        }
        // As a reader without EXIF sees it, and one with.
        let stored = image::ImageReader::open(&path)
            .unwrap()
            .into_dimensions()
            .unwrap();
        let upright = image_file::decode(&original.path, &limits).unwrap();
        assert_eq!(stored, upright.dimensions(), "{}", original.name);
        let raw = image::ImageReader::open(&original.path)
            .unwrap()
            .with_guessed_format();
        turned += usize::from(raw.unwrap().into_dimensions().unwrap() != stored);
        let written = image_file::decode(&path, &limits).unwrap();
        let difference: u64 = written
            .iter()
            .zip(upright.iter())
            .map(|(a, b)| u64::from(a.abs_diff(*b)))
            .sum();
        let mean = difference as f64 / upright.len() as f64;
        assert!(mean < 8.0, "{}: {mean}", original.name);
    }
    assert!(copied > 0 && turned > 0, "{copied} copied, {turned} turned");
}

#[test]
fn what_can_not_be_exported_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut source = drawn_images(&folder.path().join("images"));
    let out = folder.path().join("voc");
    let export = |source: &Drawn| voc::export(source, &out, &ExportOptions::default(), &mut Silent);

    let mut cancel = Cancel::default();
    cancel.cancel();
    let stopped = voc::export(&source, &out, &ExportOptions::default(), &mut cancel);
    assert!(stopped.unwrap_err().is_cancelled());

    source.images[3].path = folder.path().join("gone.png");
    fs::write(&source.images[3].path, "no image").unwrap();
    let error = export(&source).unwrap_err().to_string();
    assert!(error.contains("gone.png"), "{error}");

    source.images.clear();
    let error = export(&source).unwrap_err().to_string();
    assert!(error.contains("at least one image"), "{error}");
    let left: Vec<_> = contents(folder.path())
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    assert!(
        left.iter()
            .all(|name| name.starts_with("images/") || name == "gone.png"),
        "{left:?}"
    );
}

//! What is fed: one line for each reader.

use std::path::Path;

use atrous_engine::Limits;
use atrous_engine::dataset::import::{self, ImportFormat, ImportOptions};
use atrous_engine::dataset::instance_ids::InstanceMapping;
use atrous_engine::dataset::list;
use atrous_engine::image_file;
use atrous_engine::jobs::Silent;
use atrous_engine::mask::png_file;
use atrous_engine::network::Config;
use atrous_engine::project::Settings;
use atrous_engine::weights::{LoadOptions, from_bytes, load};
use atrous_engine::zoo::Catalogue;
use atrous_palettes::Palette;
use burn::tensor::Device;

use super::{archive, checkpoint, project, run, seeds};

/// A reader that is fed.
#[derive(Debug)]
pub struct Target {
    pub name: &'static str,
    /// Good inputs; none where they come from reference data that is not there.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Reads an input, with a folder for scratch files.
    pub feed: fn(&[u8], &Path),
}

/// Every reader, one line each.
#[rustfmt::skip]
pub const TARGETS: &[Target] = &[
    Target { name: "tf_checkpoint", seeds: seeds::checkpoints, feed: tf_checkpoint },
    Target { name: "tf_checkpoint_entries", seeds: seeds::checkpoint_entries, feed: tf_checkpoint_entries },
    Target { name: "frozen_graph", seeds: seeds::frozen_graphs, feed: model },
    Target { name: "tflite", seeds: seeds::tflite, feed: model },
    Target { name: "tf_checkpoint_state", seeds: seeds::checkpoint_states, feed: tf_checkpoint_state },
    Target { name: "coreml", seeds: seeds::coreml, feed: model },
    Target { name: "pytorch", seeds: seeds::pytorch, feed: model },
    Target { name: "model_file", seeds: seeds::model_files, feed: model },
    Target { name: "hugging_face_json", seeds: seeds::hugging_face, feed: hugging_face },
    Target { name: "network_json", seeds: seeds::network_texts, feed: network_json },
    Target { name: "label_map", seeds: seeds::label_maps, feed: label_map },
    Target { name: "instance_ids", seeds: seeds::instance_ids, feed: instance_ids },
    Target { name: "image", seeds: seeds::images, feed: image },
    Target { name: "palette_toml", seeds: seeds::palettes, feed: palette_toml },
    Target { name: "catalogue", seeds: seeds::catalogues, feed: catalogue },
    Target { name: "archive", seeds: archive::packed, feed: archive::feed },
    Target { name: "archive_members", seeds: archive::members, feed: archive::feed_members },
    Target { name: "receipt", seeds: archive::receipts, feed: archive::feed_receipt },
    Target { name: "window_settings", seeds: seeds::window_settings, feed: window_settings },
    Target { name: "index", seeds: project::indexes, feed: project::feed_index },
    Target { name: "edit", seeds: project::edits, feed: project::feed_edit },
    Target { name: "run_record", seeds: run::records, feed: run::feed_record },
    Target { name: "project_toml", seeds: seeds::settings, feed: project_toml },
    Target { name: "image_list", seeds: seeds::lists, feed: image_list },
    Target { name: "import_voc", seeds: seeds::lists, feed: import_voc },
    Target { name: "import_masks", seeds: seeds::label_maps, feed: import_masks },
];

/// Lower than a person's, so that nothing large is made by right.
fn limits() -> Limits {
    Limits {
        image_pixels: 1 << 22,
        image_bytes: 64 << 20,
        file_bytes: 16 << 20,
        tensors: 2000,
        tensor_values: 1 << 22,
        depth: 64,
    }
}

fn options() -> LoadOptions {
    LoadOptions {
        limits: limits(),
        ..LoadOptions::default()
    }
}

/// Any file that holds a whole model; what it is, its bytes say.
fn model(input: &[u8], _: &Path) {
    let _ = from_bytes(Path::new("model"), input, &options(), &Device::flex());
}

fn tf_checkpoint(input: &[u8], folder: &Path) {
    let _ = load(
        &checkpoint::write(input, folder),
        &options(),
        &Device::flex(),
    );
}

fn tf_checkpoint_entries(input: &[u8], folder: &Path) {
    let _ = load(
        &checkpoint::write_entries(input, folder),
        &options(),
        &Device::flex(),
    );
}

/// A folder with a whole checkpoint, whose state file names it or something else.
fn tf_checkpoint_state(input: &[u8], folder: &Path) {
    checkpoint::write_entries(&checkpoint::entries(), folder);
    written(input, folder.join("checkpoint"));
    let _ = load(folder, &options(), &Device::flex());
}

/// A folder of Hugging Face's, with the input as its description and weights that are none of ours.
fn hugging_face(input: &[u8], folder: &Path) {
    let folder = folder.join("hugging-face");
    let weights = folder.join("model.safetensors");
    if !weights.exists() {
        std::fs::create_dir_all(&folder).expect("scratch folders can be made");
        written(&seeds::few_weights(), weights);
    }
    written(input, folder.join("config.json"));
    let _ = load(&folder, &options(), &Device::flex());
}

fn catalogue(input: &[u8], _: &Path) {
    let text = String::from_utf8_lossy(input);
    if let Ok(catalogue) = Catalogue::from_toml(&text) {
        let _ = catalogue.similar("xception");
        let _ = catalogue
            .find("xception")
            .map(|entry| catalogue.sources(entry));
    }
}

fn window_settings(input: &[u8], folder: &Path) {
    let _ = atrous::state::Settings::read(&written(input, folder.join("settings.toml")));
}

fn network_json(input: &[u8], _: &Path) {
    let _ = Config::from_json(&String::from_utf8_lossy(input));
}

fn label_map(input: &[u8], _: &Path) {
    let _ = png_file::decode(input, Path::new("labels.png"), &limits());
}

/// What the file's 16-bit numbers mean, as Cityscapes' ids and as class indices.
fn instance_ids(input: &[u8], _: &Path) {
    let Ok((_, values)) = png_file::decode_wide(input, Path::new("ids.png"), &limits()) else {
        return;
    };
    for label_ids in [true, false] {
        let mapping = InstanceMapping::new(&Palette::cityscapes(), label_ids);
        let _ = mapping.apply(&values, true);
        let _ = mapping.apply(&values, false);
    }
}

fn image(input: &[u8], folder: &Path) {
    let _ = image_file::decode(&written(input, folder.join("image")), &limits());
}

fn palette_toml(input: &[u8], _: &Path) {
    let _ = Palette::from_toml(&String::from_utf8_lossy(input));
}

fn project_toml(input: &[u8], folder: &Path) {
    let _ = Settings::read(&written(input, folder.join("project.toml")));
}

fn image_list(input: &[u8], folder: &Path) {
    let _ = list::read(&written(input, folder.join("list.txt")), &limits());
}

/// A dataset in VOC's layout whose list is the input.
fn import_voc(input: &[u8], folder: &Path) {
    let folder = folder.join("voc");
    for part in ["ImageSets/Segmentation", "JPEGImages", "SegmentationClass"] {
        std::fs::create_dir_all(folder.join(part)).expect("scratch folders can be made");
    }
    written(input, folder.join("ImageSets/Segmentation/train.txt"));
    plan(&folder, ImportFormat::Voc);
}

/// A folder of images and masks, with the input as a mask.
fn import_masks(input: &[u8], folder: &Path) {
    let folder = folder.join("masks-and-images");
    for part in ["images", "masks"] {
        std::fs::create_dir_all(folder.join(part)).expect("scratch folders can be made");
    }
    let image = folder.join("images/a.png");
    if !image.exists() {
        let picture = image::RgbImage::new(40, 30);
        picture.save(&image).expect("scratch files can be written");
    }
    written(input, folder.join("masks/a.png"));
    plan(&folder, ImportFormat::Masks);
}

fn plan(folder: &Path, format: ImportFormat) {
    let options = ImportOptions {
        format,
        palette: None,
        void: None,
        limits: limits(),
    };
    let _ = import::plan(folder, &options, &mut Silent);
}

fn written(input: &[u8], path: std::path::PathBuf) -> std::path::PathBuf {
    std::fs::write(&path, input).expect("scratch files can be written");
    path
}

//! Good inputs to start from: made here, and from the reference data where it is there.

use std::io::Cursor;

use atrous_engine::mask::{LabelMap, png_file};
use atrous_engine::network::Config;
use atrous_engine::project::Settings;
use atrous_engine::weights::{Accounting, Model, ModelInfo, Storage, palette_for};
use atrous_palettes::Palette;
use atrous_tests::shared;
use burn::tensor::Device;
use image::ImageFormat;

use super::{checkpoint, lean};

/// The largest file that is taken from the reference data, unless it is named.
const SMALL: u64 = 64 << 10;

fn file(path: &str) -> Option<Vec<u8>> {
    std::fs::read(shared(path)?).ok()
}

/// The small files of a folder.
fn folder(path: &str) -> Vec<Vec<u8>> {
    let entries = shared(path).and_then(|folder| std::fs::read_dir(folder).ok());
    let files = entries.into_iter().flatten().flatten();
    let small = files.filter(|file| file.metadata().is_ok_and(|data| data.len() <= SMALL));
    small
        .filter_map(|file| std::fs::read(file.path()).ok())
        .collect()
}

pub fn checkpoints() -> Vec<Vec<u8>> {
    let tf = "golden/mobilenet_v2_dm05_voc/tf/model.ckpt";
    let index = file(&format!("{tf}.index"));
    let shard = file(&format!("{tf}.data-00000-of-00001")).unwrap_or_default();
    let real =
        index.map(|index| checkpoint::input(&index, &shard[..shard.len().min(SMALL as usize)]));
    let made = checkpoint::input(&checkpoint::entries(), &[0; 64]);
    real.into_iter().chain([made]).collect()
}

pub fn checkpoint_entries() -> Vec<Vec<u8>> {
    vec![checkpoint::entries()]
}

pub fn frozen_graphs() -> Vec<Vec<u8>> {
    let folders = ["mobilenet_v2_dm05_voc", "mobilenet_v3_small_seg"];
    let graphs =
        folders.map(|folder| file(&format!("golden/{folder}/tf/frozen_inference_graph.pb")));
    let real = graphs
        .into_iter()
        .flatten()
        .map(|graph| lean::without_weights(&graph));
    // One node, of a constant: name, operation, and its value.
    let tensor = [
        0x08, 1, 0x12, 4, 0x12, 2, 0x08, 2, 0x2a, 4, 0, 0, 0x80, 0x3f,
    ];
    let value = [&[0x0a, 5][..], b"value", &[0x12, 16, 0x42, 14], &tensor].concat();
    let node = [
        &[0x0a, 8][..],
        b"a/biases",
        &[0x12, 5],
        b"Const",
        &[0x2a, value.len() as u8],
        &value,
    ];
    let node = node.concat();
    let made = [&[0x0a, node.len() as u8][..], &node].concat();
    real.chain([made]).collect()
}

pub fn tflite() -> Vec<Vec<u8>> {
    let names = ["deeplabv3_257_mv_gpu", "deeplabv3_mnv2_pascal_quant"];
    names
        .iter()
        .filter_map(|name| file(&format!("models/{name}.tflite")))
        .collect()
}

pub fn model_files() -> Vec<Vec<u8>> {
    let config = Config {
        depth_multiplier: 0.05,
        aspp_convs_filters: 1,
        num_classes: 2,
        ..Config::default()
    };
    let network = config
        .init_seeded(1, &Device::flex())
        .expect("a small network");
    let model = Model {
        network,
        palette: palette_for(2),
        info: ModelInfo {
            name: "small".into(),
            licence: String::new(),
            source: String::new(),
            provenance: Vec::new(),
            input_size: 33,
        },
        accounting: Accounting::default(),
    };
    let of = |storage| model.to_bytes(storage).expect("a small file");
    vec![of(Storage::Float32), of(Storage::Float16)]
}

pub fn network_texts() -> Vec<Vec<u8>> {
    let own = serde_json::to_vec(&Config::default()).expect("JSON");
    let golden = file("golden/mobilenet_v3_small_seg/config.json");
    golden.into_iter().chain([own]).collect()
}

pub fn label_maps() -> Vec<Vec<u8>> {
    let pixels: Vec<u8> = (0..40 * 30).map(|i| (i / 97) as u8).collect();
    let map = LabelMap::from_vec(40, 30, &pixels).expect("the size fits");
    let colors = Palette::pascal_voc().colors();
    let made = [png_file::encode(&map, &colors), png_file::encode_grey(&map)];
    let real = folder("data/camvid/valannot").into_iter().take(2);
    made.into_iter()
        .flatten()
        .chain(real)
        .chain(folder("data/broken"))
        .collect()
}

pub fn images() -> Vec<Vec<u8>> {
    let picture =
        image::RgbImage::from_fn(31, 17, |x, y| image::Rgb([x as u8 * 8, y as u8 * 9, 77]));
    let formats = [
        ImageFormat::Png,
        ImageFormat::Jpeg,
        ImageFormat::Bmp,
        ImageFormat::Tiff,
        ImageFormat::WebP,
        ImageFormat::Gif,
    ];
    let made = formats.into_iter().filter_map(|format| {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).ok()?;
        Some(bytes.into_inner())
    });
    made.chain(folder("data/photos"))
        .chain(folder("data/broken"))
        .collect()
}

pub fn palettes() -> Vec<Vec<u8>> {
    let palettes = [
        Palette::pascal_voc(),
        Palette::cityscapes(),
        Palette::camvid(),
    ];
    palettes
        .map(|palette| palette.to_toml().into_bytes())
        .to_vec()
}

pub fn settings() -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().expect("a folder for scratch files");
    let path = folder.path().join("project.toml");
    let settings = Settings::new("images".into(), Palette::camvid());
    settings.write(&path).expect("scratch files can be written");
    vec![std::fs::read(path).expect("it has just been written")]
}

pub fn lists() -> Vec<Vec<u8>> {
    let list = b"2007_000033\r\n\n2007_000042\n ../2007_000061  1\n".to_vec();
    vec![list, "bücher/straße.jpg\n".into()]
}

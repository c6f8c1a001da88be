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

pub fn checkpoint_states() -> Vec<Vec<u8>> {
    let named =
        b"model_checkpoint_path: \"/train/model.ckpt\"\nall_model_checkpoint_paths: \"a\"\n";
    vec![
        named.to_vec(),
        b"model_checkpoint_path: \"..\\\\\\142\"".to_vec(),
    ]
}

/// The real file, the same without what its kernels hold, and one of a layer.
pub fn coreml() -> Vec<Vec<u8>> {
    let real = file("models/DeepLabV3Int8LUT.mlmodel");
    // The network, its layers, a convolution, its weights: there the raw numbers.
    let lean = real
        .as_ref()
        .map(|model| lean::without(model, &[500, 1, 100, 90, 30]));
    let kernel = lean::field(1, &1.0_f32.to_le_bytes());
    let convolution = [
        lean::field(20, &[1, 1]),
        lean::field(90, &kernel),
        vec![0x08, 1, 0x10, 1],
    ];
    let layer = [
        lean::field(1, b"convolution"),
        lean::field(2, b"image"),
        lean::field(3, b"scores"),
        lean::field(100, &convolution.concat()),
    ];
    let image = [0x08, 65, 0x10, 65, 0x18, 20];
    let input = [
        lean::field(1, b"image"),
        lean::field(3, &lean::field(4, &image)),
    ];
    let description = lean::field(1, &input.concat());
    let made = [
        vec![0x08, 4],
        lean::field(2, &description),
        lean::field(500, &lean::field(1, &layer.concat())),
    ];
    real.into_iter()
        .chain(lean)
        .chain([made.concat()])
        .collect()
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

/// Descriptions of networks in Hugging Face's words.
pub fn hugging_face() -> Vec<Vec<u8>> {
    let real = file("golden/huggingface_mobilenet_v2_035_files/saved/config.json");
    let made = serde_json::json!({
        "model_type": "mobilenet_v2",
        "architectures": ["MobileNetV2ForSemanticSegmentation"],
        "depth_multiplier": 0.35,
        "output_stride": 8,
        "id2label": { "0": "background", "1": "thing" },
    });
    real.into_iter()
        .chain([made.to_string().into_bytes()])
        .collect()
}

/// A safetensors file of one tensor.
pub fn few_weights() -> Vec<u8> {
    let header = br#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#;
    let length = (header.len() as u64).to_le_bytes();
    [&length[..], header, &[0; 4]].concat()
}

/// What the model zoo has.
pub fn catalogues() -> Vec<Vec<u8>> {
    let folder = atrous_tests::root().join("assets/zoo");
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files
        .filter_map(|file| std::fs::read(file.path()).ok())
        .collect()
}

/// What the window remembers.
pub fn window_settings() -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().expect("a folder for scratch files");
    let path = folder.path().join("settings.toml");
    let mut settings = atrous::state::Settings::default();
    settings.remember(std::path::Path::new("/photos/streets"));
    settings.write(&path).expect("scratch files can be written");
    vec![std::fs::read(path).expect("it has just been written")]
}

/// A checkpoint of PyTorch in both of its layouts, and the pickles of a real one.
pub fn pytorch() -> Vec<Vec<u8>> {
    let real = file("golden/huggingface_mobilenet_v2_035_files/legacy.pth");
    let real = real.map(|bytes| bytes[..bytes.len().min(SMALL as usize)].to_vec());
    let numbers = [1.0_f32, -2.0].map(f32::to_le_bytes).concat();
    // A dictionary of one tensor; the older layout's storages have one part more.
    let pickle = |view: &[u8]| {
        let storage =
            b"((X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK\x02";
        let start = b"\x80\x02}X\x05\0\0\0modelccollections\nOrderedDict\n)R(X\x06\0\0\0a.bias";
        let tensor = b"tQK\0K\x02\x85K\x01\x85\x89}tq\x01R";
        [
            &start[..],
            b"ctorch._utils\n_rebuild_tensor_v2\n",
            storage,
            view,
            tensor,
            b"us.",
        ]
        .concat()
    };
    let magic =
        b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.\x80\x02}.";
    let keys = b"\x80\x02]X\x01\0\0\x000a.\x02\0\0\0\0\0\0\0";
    let old = [&magic[..], &pickle(b"N"), keys, &numbers].concat();
    let new = stored([("a/data.pkl", &pickle(b"")[..]), ("a/data/0", &numbers)]);
    real.into_iter().chain([old, new]).collect()
}

/// A zip archive of members as they are.
fn stored(members: [(&str, &[u8]); 2]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for (name, bytes) in members {
        let start = (file.len() as u32).to_le_bytes();
        let size = (bytes.len() as u32).to_le_bytes();
        let name_length = [name.len() as u8, 0];
        let common = [&[20, 0][..], &[0; 12], &size, &size, &name_length, &[0; 2]].concat();
        file.extend([b"PK\x03\x04", &common[..], name.as_bytes(), bytes].concat());
        let entry = [
            b"PK\x01\x02\x14\x00",
            &common[..],
            &[0; 10],
            &start,
            name.as_bytes(),
        ];
        directory.extend(entry.concat());
    }
    let places = [directory.len(), file.len()].map(|place| (place as u32).to_le_bytes());
    let end = [
        b"PK\x05\x06\0\0\0\0\x02\0\x02\0",
        &places.concat()[..],
        &[0; 2],
    ]
    .concat();
    [file, directory, end].concat()
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

/// Instances, wholes and void in 16 bits, and label maps.
pub fn instance_ids() -> Vec<Vec<u8>> {
    let ids = image::ImageBuffer::<image::Luma<u16>, _>::from_fn(40, 30, |x, y| {
        let id = [7, 26_000 + (x / 9) as u16, 26, 33_123, u16::MAX][(y / 6) as usize];
        image::Luma([id])
    });
    let mut made = Cursor::new(Vec::new());
    ids.write_to(&mut made, ImageFormat::Png)
        .expect("a picture can be encoded");
    [made.into_inner()]
        .into_iter()
        .chain(label_maps())
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

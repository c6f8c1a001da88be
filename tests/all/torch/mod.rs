//! The DeepLabs of torchvision and of transformers, from the files that PyTorch writes.

mod files;
mod golden;

use atrous_engine::device::ComputeDevice;
use atrous_engine::network::resize::bilinear;
use atrous_engine::weights::{LoadOptions, Storage, fold, from_bytes};
use atrous_tests::{formula, npy, shared};
use burn::tensor::{Device, Tensor, TensorData};

use crate::golden::expected::{TOLERANCE, rows_of_classes};
use crate::golden::record::sampled;
use golden::{Case, Golden, variables};

/// The golden folders of networks that PyTorch's libraries define.
const FOLDERS: [&str; 5] = [
    "huggingface_mobilenet_v2_035_files",
    "huggingface_mobilenet_v2_segmentation",
    "torchvision_deeplabv3_mobilenet_v3_large",
    "torchvision_deeplabv3_resnet101",
    "torchvision_deeplabv3_resnet50",
];

/// Every n-th row and column of `logits_up_sub4.npy`.
const KEPT: usize = 4;

/// The image of that size, `[1, 3, height, width]`.
pub fn image([height, width]: [usize; 2], device: &Device) -> Tensor<4> {
    let pixels = formula::image(height, width, "image")
        .into_iter()
        .map(f32::from);
    let pixels = TensorData::new(pixels.collect(), [1, height, width, 3]);
    Tensor::from_data(pixels, device).permute([0, 3, 1, 2])
}

/// The largest difference, in parts of the largest expected value.
pub fn difference(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    let largest = expected.iter().fold(0.0_f32, |m, v| m.max(v.abs()));
    let pairs = found.iter().zip(expected);
    pairs.fold(0.0_f32, |d, (a, b)| d.max((a - b).abs())) / largest
}

fn deviation(values: &[f32]) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().map(|v| f64::from(*v)).sum::<f64>() / count;
    let squares = values.iter().map(|v| (f64::from(*v) - mean).powi(2));
    (squares.sum::<f64>() / count).sqrt()
}

#[test]
fn no_golden_network_of_pytorch_is_left_out() {
    let Some(golden) = shared("golden") else {
        return;
    };
    for entry in std::fs::read_dir(golden).unwrap() {
        let folder = entry.unwrap().file_name().into_string().unwrap();
        if folder.starts_with("torchvision_") || folder.starts_with("huggingface_") {
            assert!(FOLDERS.contains(&folder.as_str()), "{folder}");
        }
    }
}

/// `ATROUS_WRITE_RECORDS=1` makes the records anew.
#[test]
fn records_list_every_tensor() {
    for folder in FOLDERS {
        let Some(golden) = Golden::of(folder) else {
            return;
        };
        if std::env::var_os("ATROUS_WRITE_RECORDS").is_some() {
            golden.record();
        }
        let tensors = Golden::recorded(folder).tensors();
        let variables = variables(folder).unwrap();
        assert_eq!(tensors.len(), variables.len());
        for variable in variables {
            let (shape, values) = &tensors[&variable.name];
            assert_eq!(*shape, variable.shape, "{}", variable.name);
            let sum: f64 = values.iter().map(|v| f64::from(*v)).sum();
            let difference = (sum - variable.sum).abs();
            assert!(
                difference < 1e-5 * sum.abs().max(1.0),
                "{}: {sum}",
                variable.name
            );
        }
    }
}

#[test]
fn every_tensor_is_accounted_for() {
    for folder in FOLDERS {
        let golden = Golden::recorded(folder);
        let model = golden.model(&Device::flex());
        let accounting = &model.accounting;
        let tensors = golden.tensors();
        assert_eq!(
            accounting.used.len() + accounting.set_aside.len(),
            tensors.len()
        );
        assert!(accounting.missing.is_empty() && accounting.unused.is_empty());
        assert!(
            accounting
                .set_aside
                .iter()
                .all(|name| name.starts_with("aux_classifier.") || name.contains(".conv_1x1.")),
            "{:?}",
            accounting.set_aside
        );
    }
}

#[test]
fn networks_equal_their_libraries_on_the_cpu() {
    for folder in FOLDERS {
        check_folder(folder, &Device::flex(), "Flex");
    }
}

#[test]
fn networks_equal_their_libraries_through_wgpu() {
    let device = match ComputeDevice::software_vulkan() {
        Ok(device) => device,
        Err(error) => {
            eprintln!("SKIPPED: the networks through wgpu: {error}");
            return;
        }
    };
    for folder in FOLDERS {
        check_folder(folder, &device.device, &device.description);
    }
}

/// Both forms of a folder's network: logits, and their upsampling to the image's size.
fn check_folder(folder: &str, device: &Device, device_name: &str) {
    let Some(golden) = Golden::of(folder) else {
        return;
    };
    let model = golden.model(device);
    let folded = fold(&model.network).unwrap();
    for case in &golden.cases {
        for (form, network) in [("batch norm", &model.network), ("folded", &folded)] {
            let what = format!("{folder}/{} ({form}, {device_name})", case.name);
            let logits = network
                .forward(image(case.image_size, device))
                .to_device(&Device::flex());
            check_logits(&logits, case, folder, &what);
            if let Some(expected) = case.array(folder, "logits_up_sub4.npy") {
                let up = bilinear(logits, case.image_size, network.config().sampling());
                check_upsampled(&up, &expected, &what);
            }
        }
    }
}

fn check_logits(logits: &Tensor<4>, case: &Case, folder: &str, what: &str) {
    let [_, classes, height, width] = logits.dims();
    assert_eq!(case.logits_shape, [1, height, width, classes], "{what}");
    let found = rows_of_classes(logits);
    let spread = deviation(&found) / case.logits_std - 1.0;
    assert!(
        spread.abs() < 1e-4,
        "{what}: the deviation differs by {spread:.1e}"
    );
    let Some(expected) = case.array(folder, "logits.npy") else {
        eprintln!("{what}: the deviation of the logits differs by {spread:.1e}");
        return;
    };
    let relative = difference(&found, &expected.values);
    eprintln!("{what}: largest difference {relative:.1e} of the largest logit");
    assert!(relative <= TOLERANCE, "{what}: {relative}");
}

/// `up` is `[1, classes, h, w]`; of `expected` every n-th row and column was kept.
fn check_upsampled(up: &Tensor<4>, expected: &npy::Array<f32>, what: &str) {
    let [_, classes, height, width] = up.dims();
    let rows = rows_of_classes(up);
    let mut found = Vec::new();
    for y in (0..height).step_by(KEPT) {
        for x in (0..width).step_by(KEPT) {
            found.extend_from_slice(&rows[(y * width + x) * classes..][..classes]);
        }
    }
    let sides = [height.div_ceil(KEPT), width.div_ceil(KEPT)];
    assert_eq!(expected.shape, [1, sides[0], sides[1], classes]);
    let relative = difference(&found, &expected.values);
    eprintln!("{what}, upsampled: largest difference {relative:.1e}");
    assert!(relative <= TOLERANCE, "{what}, upsampled: {relative}");
}

/// On a bare clone this is what checks the networks.
#[test]
fn networks_equal_their_records() {
    for folder in FOLDERS {
        let golden = Golden::recorded(folder);
        let network = fold(&golden.model(&Device::flex()).network).unwrap();
        for case in &golden.cases {
            let what = format!("{folder}/{}", case.name);
            let logits = network.forward(image(case.image_size, &Device::flex()));
            let found = rows_of_classes(&logits);
            let spread = deviation(&found) / case.logits_std - 1.0;
            assert!(spread.abs() < 1e-4, "{what}: {spread:.1e}");
            if let Some(figures) = &case.figures {
                let samples = sampled(&found).into_iter().zip(&figures.samples);
                let largest = samples.fold(0.0_f32, |d, (a, b)| d.max((a - b).abs()));
                assert!(largest <= TOLERANCE * figures.largest, "{what}: {largest}");
            }
        }
    }
}

#[test]
fn our_own_file_gives_the_same_logits() {
    let device = Device::flex();
    for folder in FOLDERS {
        let golden = Golden::recorded(folder);
        let model = golden.model(&device);
        let bytes = model.to_bytes(Storage::Float32).unwrap();
        let options = LoadOptions::default();
        let again = from_bytes("model.safetensors".as_ref(), &bytes, &options, &device).unwrap();
        assert_eq!(again.config(), model.config());
        assert!(again.accounting.unused.is_empty());
        let image = image(golden.cases[0].image_size, &device);
        let logits =
            [&model, &again].map(|model| rows_of_classes(&model.network.forward(image.clone())));
        assert_eq!(logits[0], logits[1], "{folder}");
    }
}

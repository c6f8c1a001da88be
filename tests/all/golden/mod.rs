//! Every golden network against TensorFlow: logits before upsampling and label maps, with batch
//! norm and with it folded, on the CPU and through wgpu on software Vulkan.

pub mod case;
mod expected;
mod record;

use atrous_engine::device::ComputeDevice;
use atrous_engine::network::Config;
use atrous_engine::weights::fold;
use atrous_tests::{formula, shared};
use burn::tensor::Device;
use serde_json::Value;

use case::Case;
use expected::Expected;
use record::Record;

#[test]
fn the_formula_makes_the_documented_images_and_weights() {
    let image = formula::image(65, 65, "image");
    assert_eq!(image[..9], [71, 42, 150, 72, 29, 112, 93, 20, 104]);
    assert_eq!(image[image.len() - 3..], [55, 109, 131]);
    assert_eq!(image.iter().map(|v| u64::from(*v)).sum::<u64>(), 1_713_621);
    let wide = formula::image(97, 129, "image");
    assert_eq!(wide.iter().map(|v| u64::from(*v)).sum::<u64>(), 4_804_362);
    let weights = formula::values("MobilenetV2/Conv/weights", &[3, 3, 3, 16], 1.6);
    for (found, expected) in weights
        .iter()
        .zip([-0.402_832_66, 0.408_084_54, 0.185_258_9])
    {
        assert!((found - expected).abs() < 1e-7_f32);
    }
}

/// A folder is covered by having a record; `ATROUS_WRITE_RECORDS=1` makes them all anew.
#[test]
fn no_golden_network_that_can_be_built_is_left_out() {
    let Some(golden) = shared("golden") else {
        return;
    };
    for entry in std::fs::read_dir(golden).unwrap() {
        let entry = entry.unwrap();
        let Ok(text) = std::fs::read_to_string(entry.path().join("config.json")) else {
            continue;
        };
        let json: Value = serde_json::from_str(&text).unwrap();
        if !json["flags"].is_object() {
            continue;
        }
        let folder = entry.file_name().into_string().unwrap();
        let is_built = Config::from_json_case(&text, "main").is_ok();
        if is_built && std::env::var_os("ATROUS_WRITE_RECORDS").is_some() {
            record::write(&folder);
        }
        assert_eq!(is_built, record::folders().contains(&folder), "{folder}");
    }
}

#[test]
fn every_variable_has_its_name_shape_and_place() {
    for folder in record::folders() {
        let Some(path) = shared(&format!("golden/{folder}/variables.json")) else {
            return;
        };
        let expected: Vec<Value> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let case = &Case::all_of(&folder)[0];
        let network = case.network(&Device::flex());
        let found = network.variables();
        assert_eq!(found.len(), expected.len(), "{folder}");
        for (found, expected) in found.iter().zip(&expected) {
            let name = expected["name"].as_str().unwrap();
            assert_eq!(found.name, name);
            assert_eq!(
                found.kind.leaf(),
                expected["kind"].as_str().unwrap(),
                "{name}"
            );
            let trainable = expected["trainable"].as_bool().unwrap();
            assert_eq!(found.kind.is_trainable(), trainable, "{name}");
            let shape: Vec<usize> = serde_json::from_value(expected["shape"].clone()).unwrap();
            assert_eq!(found.shape, shape, "{name}");
            let sum: f64 = case.values(found).iter().map(|v| f64::from(*v)).sum();
            let expected_sum = expected["sum"].as_f64().unwrap();
            assert!(
                (sum - expected_sum).abs() < 1e-5 * sum.abs().max(1.0),
                "{name}: {sum}"
            );
        }
    }
}

#[test]
fn networks_equal_the_originals_on_the_cpu() {
    for folder in record::folders() {
        check_folder(&folder, &Device::flex(), "Flex");
    }
}

#[test]
fn networks_equal_the_originals_through_wgpu() {
    let device = match ComputeDevice::software_vulkan() {
        Ok(device) => device,
        Err(error) => {
            eprintln!("SKIPPED: the networks through wgpu: {error}");
            return;
        }
    };
    for folder in record::folders() {
        check_folder(&folder, &device.device, &device.description);
    }
}

/// Both forms of each of the folder's networks against the files beside them.
fn check_folder(folder: &str, device: &Device, device_name: &str) {
    if shared(&format!("golden/{folder}")).is_none() {
        return;
    }
    for case in Case::all_of(folder) {
        let expected = Expected::of(&case);
        let network = case.network(device);
        let folded = fold(&network).unwrap();
        for (form, network) in [("batch norm", network), ("folded", folded)] {
            let what = format!("{folder}/{} ({form}, {device_name})", case.name);
            expected.check(&case.logits(&network), &what);
        }
    }
}

/// On a bare clone this is what checks the networks.
#[test]
fn networks_equal_their_records() {
    for folder in record::folders() {
        let records = record::read(&folder);
        assert!(!records.is_empty(), "{folder}");
        for Record { case, figures } in records {
            let network = fold(&case.network(&Device::flex())).unwrap();
            let what = format!("{folder}/{}", case.name);
            figures.check(&case.logits(&network), case.image_size, &what);
        }
    }
}

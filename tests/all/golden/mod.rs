//! Every golden network against TensorFlow: logits before upsampling and label maps, with batch
//! norm and with it folded, on the CPU and through wgpu on software Vulkan.

pub mod case;
mod costs;
pub mod expected;
mod predicted;
pub mod record;
mod table;

use atrous_engine::device::{ComputeDevice, DeviceChoice};
use atrous_engine::network::{Config, Variable};
use atrous_engine::weights::fold;
use atrous_tests::{formula, shared};
use burn::tensor::Device;
use rayon::prelude::*;
use serde_json::Value;

use case::Case;
use expected::{Closeness, Expected, OTHER_CLASS, TOLERANCE};
use record::Record;
use table::Column;

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
    record::folders().par_iter().for_each(|folder| {
        let Some(path) = shared(&format!("golden/{folder}/variables.json")) else {
            return;
        };
        let expected: Vec<Value> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let case = Case::all_of(folder).remove(0);
        let network = case.config.init(&Device::flex()).unwrap();
        let found = network.variables();
        assert_eq!(found.len(), expected.len(), "{folder}");
        for (found, expected) in found.iter().zip(&expected) {
            check_variable(&case, found, expected);
        }
    });
}

fn check_variable(case: &Case, found: &Variable, expected: &Value) {
    let name = expected["name"].as_str().unwrap();
    assert_eq!(found.name, name);
    let kind = expected["kind"].as_str().unwrap();
    assert_eq!(found.kind.leaf(), kind, "{name}");
    let trainable = expected["trainable"].as_bool().unwrap();
    assert_eq!(found.kind.is_trainable(), trainable, "{name}");
    let shape: Vec<usize> = serde_json::from_value(expected["shape"].clone()).unwrap();
    assert_eq!(found.shape, shape, "{name}");
    let sum: f64 = case.values(found).iter().map(|v| f64::from(*v)).sum();
    let expected_sum = expected["sum"].as_f64().unwrap();
    let allowed = 1e-5 * sum.abs().max(1.0);
    assert!((sum - expected_sum).abs() < allowed, "{name}: {sum}");
}

/// A network of a golden folder, in both of its forms, against the files beside it.
struct Measured {
    case: Case,
    batch_norm: Closeness,
    folded: Closeness,
}

impl Measured {
    fn check(&self, device: &str) {
        let what = format!("{}/{}", self.case.folder, self.case.name);
        self.batch_norm
            .check(&format!("{what} (batch norm, {device})"));
        self.folded.check(&format!("{what} (folded, {device})"));
    }
}

/// All cases of a folder; none where the reference data is missing.
fn measure(folder: &str, device: &Device) -> Vec<Measured> {
    if shared(&format!("golden/{folder}")).is_none() {
        return Vec::new();
    }
    let measure = |case: Case| {
        let expected = Expected::of(&case);
        let what = format!("{folder}/{}", case.name);
        let network = case.network(device);
        let batch_norm = expected.closeness(&case.logits(&network), &what);
        let folded = expected.closeness(&case.logits(&fold(&network).unwrap()), &what);
        Measured {
            case,
            batch_norm,
            folded,
        }
    };
    Case::all_of(folder).into_iter().map(measure).collect()
}

/// Checks every folder on the device, and puts the figures into the benchmarks if asked to.
fn check(device: &ComputeDevice, columns: &[Column]) {
    let folders = record::folders();
    // A GPU takes one network at a time; on the CPU small layers leave a core to another network.
    let measured: Vec<_> = if columns == Column::CPU {
        let folders = folders.par_iter();
        folders
            .flat_map_iter(|f| measure(f, &device.device))
            .collect()
    } else {
        folders
            .iter()
            .flat_map(|f| measure(f, &device.device))
            .collect()
    };
    if table::is_wanted() && !measured.is_empty() {
        table::fill(&measured, columns);
    }
    for measured in measured {
        measured.check(&device.description);
    }
}

#[test]
fn networks_equal_the_originals_on_the_cpu() {
    check(&ComputeDevice::cpu(), Column::CPU);
}

#[test]
fn networks_equal_the_originals_through_wgpu() {
    match ComputeDevice::software_vulkan() {
        Ok(device) => check(&device, &[Column::SoftwareVulkan]),
        Err(error) => eprintln!("SKIPPED: the networks through wgpu: {error}"),
    }
}

#[test]
fn networks_equal_the_originals_on_a_gpu() {
    match ComputeDevice::open(DeviceChoice::Gpu) {
        Ok(device) => check(&device, &[Column::Gpu]),
        Err(error) => eprintln!("SKIPPED: the networks on a GPU: {error}"),
    }
}

/// On a bare clone this is what checks the networks.
#[test]
fn networks_equal_their_records() {
    record::folders().par_iter().for_each(|folder| {
        let records = record::read(folder);
        assert!(!records.is_empty(), "{folder}");
        for Record { case, figures } in records {
            let network = fold(&case.network(&Device::flex())).unwrap();
            let what = format!("{folder}/{}", case.name);
            figures.check(&case.logits(&network), case.image_size, &what);
        }
    });
}

/// The page shows only networks that there are records of, and no figure that would not pass.
#[test]
fn the_benchmarks_show_what_passes() {
    let shown = table::rows();
    assert!(shown.len() >= 50, "{} rows", shown.len());
    for ((folder, case), figures) in shown {
        let records = record::read(&folder);
        assert!(
            records.iter().any(|record| record.case.name == case),
            "{folder}/{case}"
        );
        assert!(!figures.is_empty(), "{folder}/{case}");
        for (column, figure) in figures {
            let what = format!("{folder}/{case}: {column:?}");
            assert!(figure.relative <= TOLERANCE, "{what}");
            assert!(figure.disagreement <= OTHER_CLASS, "{what}");
        }
    }
}

//! Training against TensorFlow: losses, gradients, and five steps of gradient descent.

use std::collections::BTreeMap;
use std::path::PathBuf;

use atrous_engine::device::ComputeDevice;
use atrous_engine::finetune::loss::{Labels, LossOptions, cross_entropy};
use atrous_engine::finetune::{Batch, FinetuneOptions, Trainer};
use atrous_engine::network::{Config, DeepLab, TrainingMode};
use atrous_engine::weights::{TensorSet, assign, collect};
use atrous_tests::{formula, npy, shared};
use burn::module::{Module, ModuleVisitor, Param, ParamId};
use burn::tensor::{Device, Gradients, Tensor, TensorData};
use serde_json::Value;

/// The reference run: two images of 65 x 65, and what TensorFlow made of them.
struct Golden {
    folder: PathBuf,
    train: Value,
    images: Vec<f32>,
    labels: Vec<u8>,
}

const SIDE: usize = 65;

impl Golden {
    fn load() -> Option<Self> {
        let folder = shared("golden/train_step")?;
        let train =
            serde_json::from_slice(&std::fs::read(folder.join("train.json")).unwrap()).unwrap();
        let images = npy::read_u8(&folder.join("images.npy"));
        assert_eq!(images.shape, [2, SIDE, SIDE, 3]);
        let planes = |image: &[u8]| -> Vec<f32> {
            (0..3)
                .flat_map(|channel| image.iter().skip(channel).step_by(3))
                .map(|v| f32::from(*v))
                .collect()
        };
        let images = images
            .values
            .chunks_exact(SIDE * SIDE * 3)
            .flat_map(planes)
            .collect();
        let labels = npy::read_u8(&folder.join("labels.npy")).values;
        Some(Self {
            folder,
            train,
            images,
            labels,
        })
    }

    /// The network of the reference run with its first weights.
    fn network(&self, device: &Device) -> DeepLab {
        let path = self
            .folder
            .parent()
            .unwrap()
            .join("mobilenet_v2_dm05_voc/config.json");
        let json: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let config = Config {
            depth_multiplier: 0.5,
            crop_size: Some([SIDE; 2]),
            ..Config::default()
        };
        let network = config.init(device).unwrap();
        let mut set = TensorSet::default();
        for variable in network.variables() {
            let mut values = formula::values(
                &variable.name,
                &variable.shape,
                json["weight_gain"].as_f64().unwrap(),
            );
            if let Some(list) = json["bias_override"].get(&variable.name) {
                values = floats(list);
            }
            set.insert(variable.name.clone(), variable.shape.clone(), values);
        }
        let (network, accounting) = assign(network, &set).unwrap();
        assert_eq!((accounting.missing.len(), accounting.unused.len()), (0, 0));
        network
    }

    fn images(&self, device: &Device) -> Tensor<4> {
        Tensor::from_data(
            TensorData::new(self.images.clone(), [2, 3, SIDE, SIDE]),
            device,
        )
    }

    fn labels(&self) -> Labels<'_> {
        Labels {
            values: &self.labels,
            height: SIDE,
            width: SIDE,
        }
    }

    fn batch(&self) -> Batch {
        Batch {
            images: self.images.clone(),
            labels: self.labels.clone(),
        }
    }
}

fn floats(list: &Value) -> Vec<f32> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|value| value.as_f64().unwrap() as f32)
        .collect()
}

fn loss_options(arguments: &Value) -> LossOptions {
    let label_weights = match &arguments["label_weights"] {
        Value::Null => Vec::new(),
        Value::Array(_) => floats(&arguments["label_weights"]),
        one => vec![one.as_f64().unwrap() as f32],
    };
    LossOptions {
        upsample_logits: arguments["upsample"].as_bool().unwrap_or(true),
        label_weights,
        top_k_percent_pixels: arguments["top_k"].as_f64().unwrap_or(1.0) as f32,
        hard_example_mining_step: arguments["hem"].as_u64().unwrap_or(0),
        ..LossOptions::default()
    }
}

#[track_caller]
fn close(what: &str, found: f64, expected: f64, tolerance: f64) {
    let allowed = tolerance * expected.abs().max(1e-3);
    assert!(
        (found - expected).abs() <= allowed,
        "{what}: found {found}, expected {expected}"
    );
}

#[test]
fn every_loss_is_that_of_the_original() {
    let Some(golden) = Golden::load() else { return };
    let logits = npy::read_f32(&golden.folder.join("logits.npy"));
    let device = Device::flex();
    let logits = Tensor::<4>::from_data(TensorData::new(logits.values, [2, 5, 5, 21]), &device);
    let logits = logits.permute([0, 3, 1, 2]);
    let loss = |options: &LossOptions, step| {
        cross_entropy(logits.clone(), &golden.labels(), options, step)
            .unwrap()
            .cross_entropy
    };
    for (name, case) in golden.train["losses"].as_object().unwrap() {
        if let Some(expected) = case["ce"].as_f64() {
            close(
                name,
                loss(&loss_options(&case["kwargs"]), 0),
                expected,
                1e-5,
            );
        }
    }
    let mining = LossOptions {
        top_k_percent_pixels: 0.25,
        hard_example_mining_step: 10,
        ..LossOptions::default()
    };
    for (step, expected) in golden.train["losses"]["topk_0.25_mining_step_10"]
        .as_object()
        .unwrap()
    {
        let found = loss(&mining, step.parse().unwrap());
        close(
            &format!("mining at step {step}"),
            found,
            expected.as_f64().unwrap(),
            1e-5,
        );
    }
}

/// Gradients by parameter.
struct Collect {
    gradients: Gradients,
    found: BTreeMap<ParamId, Vec<f32>>,
}

impl ModuleVisitor for Collect {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if let Some(gradient) = param.val().grad(&self.gradients) {
            self.found
                .insert(param.id, gradient.try_into_vec_as().unwrap());
        }
    }
}

fn check_gradients(device: &Device) {
    let Some(golden) = Golden::load() else { return };
    let device = device.clone().autodiff();
    let network = golden.network(&device).train();
    let logits = network.forward_training(golden.images(&device), &TrainingMode::default());
    let loss = cross_entropy(logits, &golden.labels(), &LossOptions::default(), 0).unwrap();
    let mut collect = Collect {
        gradients: loss.surrogate.backward(),
        found: BTreeMap::new(),
    };
    network.visit(&mut collect);
    let expected = golden.train["ce_gradients"].as_object().unwrap();
    assert_eq!(
        expected.len(),
        golden.train["num_trainable"].as_u64().unwrap() as usize
    );
    for (name, expected) in expected {
        let variable = network
            .variables()
            .iter()
            .find(|variable| variable.name == *name)
            .unwrap();
        let found = &collect.found[&variable.id];
        let norm = found
            .iter()
            .map(|v| f64::from(*v).powi(2))
            .sum::<f64>()
            .sqrt();
        close(name, norm, expected["norm"].as_f64().unwrap(), 1e-4);
        let first4 = floats(&expected["first4"]);
        for (found, expected) in found.iter().zip(first4.iter().take(1)) {
            assert!(
                (found - expected).abs() < 1e-4,
                "{name}: {found}, expected {expected}"
            );
        }
    }
}

#[test]
fn gradients_are_those_of_the_original() {
    check_gradients(&Device::flex());
}

#[test]
fn the_gradient_equals_that_of_plain_autodiff() {
    let device = Device::flex().autodiff();
    let (classes, low, high) = (5, 4, 13);
    let values: Vec<f32> = formula::values("logits/weights", &[2, classes, low, low], 20.0);
    let shape = [2, classes, low, low];
    let labels: Vec<u8> = (0..2 * high * high)
        .map(|pixel| (pixel / 3 % 7) as u8)
        .collect();
    let labels: Vec<u8> = labels
        .into_iter()
        .map(|label| if label > 4 { 255 } else { label })
        .collect();
    let weights = vec![0.5, 1.0, 2.0, 0.0, 1.5];

    let logits = Tensor::<4>::from_data(TensorData::new(values, shape), &device).require_grad();
    let map = Labels {
        values: &labels,
        height: high,
        width: high,
    };
    let options = LossOptions {
        label_weights: weights.clone(),
        ..LossOptions::default()
    };
    let loss = cross_entropy(logits.clone(), &map, &options, 0).unwrap();
    let gradients = loss.surrogate.backward();
    let found = logits
        .grad(&gradients)
        .unwrap()
        .try_into_vec_as::<f32>()
        .unwrap();

    let upsampled =
        atrous_engine::network::resize::bilinear_align_corners(logits.clone(), [high; 2]);
    let log = burn::tensor::activation::log_softmax(upsampled, 1);
    let mut picked = vec![0.0_f32; 2 * classes * high * high];
    let valid = labels.iter().filter(|label| **label != 255).count() as f32;
    for (pixel, label) in labels
        .iter()
        .enumerate()
        .filter(|(_, label)| **label != 255)
    {
        let (image, place) = (pixel / (high * high), pixel % (high * high));
        let class = usize::from(*label);
        picked[(image * classes + class) * high * high + place] = weights[class] / valid;
    }
    let picked = Tensor::<4>::from_data(TensorData::new(picked, [2, classes, high, high]), &device);
    let plain = (log * picked).sum().neg();
    let expected_loss = f64::from(plain.clone().into_scalar::<f32>());
    let gradients = plain.backward();
    let expected = logits
        .grad(&gradients)
        .unwrap()
        .try_into_vec_as::<f32>()
        .unwrap();
    close("loss", loss.cross_entropy, expected_loss, 1e-5);
    for (found, expected) in found.iter().zip(&expected) {
        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    }
}

fn options(run: &Value) -> FinetuneOptions {
    let loss = loss_options(&run["extra"]);
    let number = |name: &str| run[name].as_f64().unwrap();
    FinetuneOptions {
        steps: run["total_steps"].as_u64().unwrap(),
        batch: 2,
        crop: SIDE,
        base_learning_rate: number("base_lr"),
        slow_start_step: run["slow_start_step"].as_u64().unwrap(),
        slow_start_learning_rate: number("slow_start_lr"),
        momentum: number("momentum"),
        weight_decay: number("weight_decay"),
        last_layer_gradient_multiplier: number("last_layer_gradient_multiplier"),
        fine_tune_batch_norm: run["train_mode_bn"].as_bool().unwrap(),
        dropout: false,
        label_weights: loss.label_weights,
        top_k_percent_pixels: loss.top_k_percent_pixels,
        hard_example_mining_step: loss.hard_example_mining_step,
        ..FinetuneOptions::default()
    }
}

/// How near a five-step run has to come to the reference.
struct Tolerance {
    /// Steps whose loss is determined to single precision.
    exact: usize,
    /// Relative difference of the losses after those, and of the regularisation.
    later: f64,
    /// Difference of the weights in the end.
    weights: f64,
}

/// Five steps of one of the reference's settings: losses, rates, and the weights in the end.
fn check_trajectory(name: &str, device: &Device, tolerance: &Tolerance) {
    let Some(golden) = Golden::load() else { return };
    let run = &golden.train["trajectories"][name];
    let mut trainer = Trainer::new(golden.network(device), &options(run)).unwrap();
    for (step, expected) in run["history"]
        .as_array()
        .unwrap()
        .iter()
        .take(5)
        .enumerate()
    {
        let what = |part: &str| format!("{name}, {part} at step {step}");
        let number = |name: &str| expected[name].as_f64().unwrap();
        close(
            &what("regularisation"),
            trainer.regularisation(),
            number("reg"),
            tolerance.later.max(1e-3),
        );
        let report = trainer.step(golden.batch(), step as u64).unwrap();
        let allowed = if step < tolerance.exact {
            1e-5
        } else {
            tolerance.later
        };
        close(&what("loss"), report.cross_entropy, number("ce"), allowed);
        close(&what("rate"), report.learning_rate, number("lr"), 1e-6);
    }
    let weights = collect(&trainer.network()).unwrap();
    for (variable, expected) in run["final_first8"].as_object().unwrap() {
        let found = &weights.get(variable).unwrap().values;
        for (found, expected) in found.iter().zip(floats(expected)) {
            let difference = f64::from((found - expected).abs());
            assert!(
                difference <= tolerance.weights,
                "{name}, {variable}: {found}, not {expected}"
            );
        }
    }
}

/// This setting is well conditioned: it pins down the whole recipe. Another order of summation
/// (a faster layer, another processor) moves the last losses by some 3e-5.
const WELL_CONDITIONED: Tolerance = Tolerance {
    exact: 3,
    later: 1e-3,
    weights: 1e-3,
};

/// At a rate of 0.007 these random weights are ill conditioned: where each starting weight moves
/// by one unit in its last place, the loss at step 3 moves by up to 1 % (A) and 4 % (C). The
/// unmoved weights stay within 0.04 % of the reference all the same.
const ILL_CONDITIONED: Tolerance = Tolerance {
    exact: 3,
    later: 1e-3,
    weights: 1e-2,
};

/// With batch norm in training (pooled features normalised over two images) the same move makes
/// 1 % at step 1 and 5 % at step 4.
const BATCH_NORM: Tolerance = Tolerance {
    exact: 1,
    later: 3e-2,
    weights: 0.5,
};

#[test]
fn five_steps_with_frozen_batch_norm() {
    check_trajectory("A_frozen_bn", &Device::flex(), &ILL_CONDITIONED);
}

#[test]
fn five_steps_with_a_slow_start_and_a_faster_last_layer() {
    check_trajectory("B_llgm10_slowstart", &Device::flex(), &WELL_CONDITIONED);
}

#[test]
fn five_steps_with_hard_mining_and_class_weights() {
    check_trajectory("C_hard_mining_weights", &Device::flex(), &ILL_CONDITIONED);
}

#[test]
fn five_steps_that_train_batch_norm() {
    check_trajectory("D_train_bn_no_dropout", &Device::flex(), &BATCH_NORM);
}

/// The GPU's path, on whatever adapter there is.
fn gpu() -> Option<Device> {
    match ComputeDevice::software_vulkan() {
        Ok(opened) => Some(opened.device),
        Err(error) => {
            eprintln!("SKIPPED: no Vulkan here: {error}");
            None
        }
    }
}

#[test]
fn gradients_on_the_gpu_are_those_of_the_original() {
    if let Some(device) = gpu() {
        check_gradients(&device);
    }
}

#[test]
fn five_steps_on_the_gpu() {
    if let Some(device) = gpu() {
        check_trajectory("A_frozen_bn", &device, &ILL_CONDITIONED);
        check_trajectory("B_llgm10_slowstart", &device, &WELL_CONDITIONED);
        // Which pixels are the hardest hangs on the last bits: 0.16 % at step 4.
        let mining = Tolerance {
            later: 3e-3,
            ..ILL_CONDITIONED
        };
        check_trajectory("C_hard_mining_weights", &device, &mining);
    }
}

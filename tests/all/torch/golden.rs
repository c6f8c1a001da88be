//! The golden networks of PyTorch's libraries: their weights by the formula, and their outputs.

use std::collections::BTreeMap;
use std::path::Path;

use atrous_engine::weights::{LoadOptions, Model, from_bytes};
use atrous_tests::{formula, npy, root, shared};
use burn::tensor::Device;
use safetensors::tensor::{Dtype, TensorView};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::golden::record::sampled;

/// A network as its library saves it, and what the library made of some images.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Golden {
    pub folder: String,
    pub weight_gain: f64,
    /// The shape of each module's `weight`; one-dimensional ones are batch norms.
    pub modules: BTreeMap<String, Vec<usize>>,
    /// The convolutions that have a bias.
    pub with_bias: Vec<String>,
    pub cases: Vec<Case>,
}

/// One image.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Case {
    pub name: String,
    /// Height and width.
    pub image_size: [usize; 2],
    pub logits_shape: [usize; 4],
    /// The deviation of all the logits.
    pub logits_std: f64,
    /// Of the logits `[1, h, w, classes]`, where they are at hand.
    pub figures: Option<Figures>,
}

/// What a record keeps of logits.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Figures {
    pub largest: f32,
    pub samples: Vec<f32>,
}

impl Golden {
    /// The golden folder of that name, if it is there.
    pub fn of(folder: &str) -> Option<Self> {
        let path = shared(&format!("golden/{folder}/config.json"))?;
        let json: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        let variables = variables(folder)?;
        let shapes = variables.iter().filter_map(|variable| {
            let module = variable.name.strip_suffix(".weight")?;
            Some((module.to_owned(), variable.shape.clone()))
        });
        let modules: BTreeMap<_, _> = shapes.collect();
        let with_bias = variables.iter().filter_map(|variable| {
            let module = variable.name.strip_suffix(".bias")?;
            (modules[module].len() > 1).then(|| module.to_owned())
        });
        let cases = json["cases"].as_object().unwrap().iter();
        Some(Self {
            folder: folder.to_owned(),
            weight_gain: json["weight_gain"].as_f64().unwrap(),
            with_bias: with_bias.collect(),
            modules,
            cases: cases
                .map(|(name, case)| Case::of(folder, name, case))
                .collect(),
        })
    }

    /// The record of that folder.
    pub fn recorded(folder: &str) -> Self {
        let path = root().join(format!("tests/all/torch/records/{folder}.json"));
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    }

    /// Makes that record.
    pub fn record(&self) {
        let path = root().join(format!("tests/all/torch/records/{}.json", self.folder));
        let text = serde_json::to_string(self).unwrap();
        std::fs::write(path, text + "\n").unwrap();
    }

    /// Every tensor by its PyTorch name: shape and values.
    pub fn tensors(&self) -> BTreeMap<String, (Vec<usize>, Vec<f32>)> {
        let mut names: Vec<(String, Vec<usize>)> = Vec::new();
        for (module, shape) in &self.modules {
            names.push((format!("{module}.weight"), shape.clone()));
            let leaves: &[&str] = if shape.len() == 1 {
                &["bias", "running_mean", "running_var"]
            } else if self.with_bias.contains(module) {
                &["bias"]
            } else {
                &[]
            };
            let channels = vec![shape[0]];
            names.extend(
                leaves
                    .iter()
                    .map(|leaf| (format!("{module}.{leaf}"), channels.clone())),
            );
        }
        let filled = names.into_iter().map(|(name, shape)| {
            let values = formula::pytorch_values(&name, &shape, self.weight_gain);
            (name, (shape, values))
        });
        filled.collect()
    }

    /// The model from a safetensors file of all its tensors.
    pub fn model(&self, device: &Device) -> Model {
        let tensors = self.tensors();
        let bytes: BTreeMap<_, Vec<u8>> = tensors
            .iter()
            .map(|(name, (_, values))| {
                (name, values.iter().flat_map(|v| v.to_le_bytes()).collect())
            })
            .collect();
        let views = tensors.iter().map(|(name, (shape, _))| {
            let view = TensorView::new(Dtype::F32, shape.clone(), &bytes[name]);
            (name, view.unwrap())
        });
        let file = safetensors::serialize(views, None).unwrap();
        let path = Path::new("weights.safetensors");
        from_bytes(path, &file, &LoadOptions::default(), device).unwrap()
    }
}

impl Case {
    fn of(folder: &str, name: &str, json: &Value) -> Self {
        let mut case = Self {
            name: name.to_owned(),
            image_size: serde_json::from_value(json["image_size"].clone()).unwrap(),
            logits_shape: serde_json::from_value(json["logits_shape"].clone()).unwrap(),
            logits_std: json["logits_std"].as_f64().unwrap(),
            figures: None,
        };
        if let Some(logits) = case.array(folder, "logits.npy") {
            let largest = logits.values.iter().fold(0.0_f32, |m, v| m.max(v.abs()));
            let samples = sampled(&logits.values);
            case.figures = Some(Figures { largest, samples });
        }
        case
    }

    /// An array of this case in its folder, if it is there.
    pub fn array(&self, folder: &str, file: &str) -> Option<npy::Array<f32>> {
        let prefix = match self.name.as_str() {
            "main" => String::new(),
            name => format!("{name}_"),
        };
        let path = shared("golden")?
            .join(folder)
            .join(format!("{prefix}{file}"));
        path.exists().then(|| npy::read_f32(&path))
    }
}

/// A tensor as `variables.json` lists it.
#[derive(Debug, Deserialize)]
pub struct Variable {
    pub name: String,
    pub shape: Vec<usize>,
    pub sum: f64,
}

/// The tensors of a golden folder, if it is there.
pub fn variables(folder: &str) -> Option<Vec<Variable>> {
    let path = shared(&format!("golden/{folder}/variables.json"))?;
    Some(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
}

//! A golden network with its weights and its image.

use std::collections::BTreeMap;

use atrous_engine::network::{Config, DeepLab, Variable};
use atrous_engine::weights::{TensorSet, assign};
use atrous_tests::{formula, shared};
use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One network on one image.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Case {
    pub folder: String,
    pub name: String,
    pub config: Config,
    pub weight_gain: f64,
    pub bias_override: BTreeMap<String, Vec<f32>>,
    /// Height and width.
    pub image_size: [usize; 2],
}

impl Case {
    /// The cases of a golden folder, which is there.
    pub fn all_of(folder: &str) -> Vec<Self> {
        let path = shared(&format!("golden/{folder}/config.json")).unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        let json: Value = serde_json::from_str(&text).unwrap();
        let cases = json["cases"].as_object().unwrap();
        let case = |(name, case): (&String, &Value)| Self {
            folder: folder.to_owned(),
            name: name.clone(),
            config: Config::from_json_case(&text, name).unwrap(),
            weight_gain: json["weight_gain"].as_f64().unwrap(),
            bias_override: serde_json::from_value(json["bias_override"].clone()).unwrap(),
            image_size: serde_json::from_value(case["image_size"].clone()).unwrap(),
        };
        cases.iter().map(case).collect()
    }

    /// The name of one of the case's files in its folder.
    pub fn file(&self, name: &str) -> String {
        let prefix = match self.name.as_str() {
            "main" => String::new(),
            case => format!("{case}_"),
        };
        format!("golden/{}/{prefix}{name}", self.folder)
    }

    /// A variable's values by the formula, row by row in TensorFlow's layout.
    pub fn values(&self, variable: &Variable) -> Vec<f32> {
        match self.bias_override.get(&variable.name) {
            Some(values) => values.clone(),
            None => formula::values(&variable.name, &variable.shape, self.weight_gain),
        }
    }

    /// The network with the formula's weights, each of them used.
    pub fn network(&self, device: &Device) -> DeepLab {
        let network = self.config.init(device).unwrap();
        let mut tensors = TensorSet::default();
        for variable in network.variables() {
            tensors.insert(
                &variable.name,
                variable.shape.clone(),
                self.values(variable),
            );
        }
        let (network, accounting) = assign(network, &tensors).unwrap();
        assert_eq!(accounting.used.len(), tensors.len());
        assert!(accounting.missing.is_empty() && accounting.unused.is_empty());
        network
    }

    /// The logits of the case's image, `[1, classes, h, w]`, on the CPU.
    pub fn logits(&self, network: &DeepLab) -> Tensor<4> {
        let [height, width] = self.image_size;
        let pixels = formula::image(height, width, "image")
            .into_iter()
            .map(f32::from);
        let pixels = TensorData::new(pixels.collect(), [1, height, width, 3]);
        let image = Tensor::from_data(pixels, &network.device()).permute([0, 3, 1, 2]);
        network.forward(image).to_device(&Device::flex())
    }
}

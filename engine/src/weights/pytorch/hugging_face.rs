//! transformers' `MobileNetV2ForSemanticSegmentation`: its `config.json`, and the names of its
//! tensors. google/deeplabv3_mobilenet_v2_1.0_513 is one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use atrous_palettes::Palette;
use serde::Deserialize;

use super::naming::Place;
use crate::error::{Error, Result};
use crate::network::{Config, Library};

/// What a model's folder calls its parts.
const CONFIG: &str = "config.json";
const WEIGHTS: [&str; 2] = ["model.safetensors", "pytorch_model.bin"];

/// No `config.json` is longer.
const LONGEST_CONFIG: u64 = 1 << 20;

/// The weights of the model that `folder` holds.
///
/// # Errors
/// [`Error::File`] when it holds none.
pub(in crate::weights) fn weights_in(folder: &Path) -> Result<PathBuf> {
    let mut candidates = WEIGHTS.iter().map(|name| folder.join(name));
    candidates.find(|path| path.is_file()).ok_or_else(|| {
        Error::file(
            folder,
            format!("a model's folder with {}", WEIGHTS.join(" or ")),
            "neither",
            "Give the path of a model file.",
        )
    })
}

/// What `config.json` says of a model, as far as it matters; other fields may be anything.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub(in crate::weights) struct Description {
    model_type: String,
    depth_multiplier: f64,
    depth_divisible_by: usize,
    min_depth: usize,
    expand_ratio: f64,
    output_stride: usize,
    first_layer_is_expansion: bool,
    hidden_act: String,
    tf_padding: bool,
    layer_norm_eps: f64,
    num_channels: usize,
    image_size: Option<usize>,
    id2label: BTreeMap<String, String>,
}

impl Default for Description {
    /// What transformers takes where the file says nothing.
    fn default() -> Self {
        Self {
            model_type: String::new(),
            depth_multiplier: 1.0,
            depth_divisible_by: 8,
            min_depth: 8,
            expand_ratio: 6.0,
            output_stride: 32,
            first_layer_is_expansion: true,
            hidden_act: "relu6".to_owned(),
            tf_padding: true,
            layer_norm_eps: 1e-3,
            num_channels: 3,
            image_size: None,
            id2label: BTreeMap::new(),
        }
    }
}

impl Description {
    /// What the `config.json` beside `weights` says, if there is one of this library.
    pub(in crate::weights) fn beside(weights: &Path) -> Option<Self> {
        let path = weights.with_file_name(CONFIG);
        let size = std::fs::metadata(&path).ok()?.len();
        if size > LONGEST_CONFIG {
            return None;
        }
        let description: Self = serde_json::from_slice(&std::fs::read(&path).ok()?).ok()?;
        (!description.model_type.is_empty()).then_some(description)
    }

    /// The network it describes, with that many classes.
    ///
    /// # Errors
    /// [`Error::File`], naming `path`, where it is none that is built.
    pub(super) fn config(&self, path: &Path, num_classes: usize) -> Result<Config> {
        self.check(path)?;
        let config = Config {
            tf_padding: self.tf_padding,
            output_stride: self.output_stride,
            ..config(self.depth_multiplier, num_classes)
        };
        config.validate().map_err(|error| {
            let advice = "Only the networks of DeepLab's own kind are built.";
            Error::file(
                path,
                "a network that can be built",
                error.to_string(),
                advice,
            )
        })?;
        Ok(config)
    }

    /// Everything that changes the network and of which one value is built.
    fn check(&self, path: &Path) -> Result<()> {
        let depths = [self.depth_divisible_by, self.min_depth];
        let demands = [
            ("model_type", "mobilenet_v2", self.model_type.clone()),
            ("hidden_act", "relu6", self.hidden_act.clone()),
            ("expand_ratio", "6", self.expand_ratio.to_string()),
            (
                "first_layer_is_expansion",
                "true",
                self.first_layer_is_expansion.to_string(),
            ),
            ("layer_norm_eps", "0.001", self.layer_norm_eps.to_string()),
            ("num_channels", "3", self.num_channels.to_string()),
            (
                "depth_divisible_by and min_depth",
                "[8, 8]",
                format!("{depths:?}"),
            ),
        ];
        let mut demands = demands.into_iter();
        let Some((name, expected, found)) = demands.find(|(_, expected, found)| expected != found)
        else {
            return Ok(());
        };
        Err(Error::file(
            path,
            format!("{name} {expected} in {CONFIG}"),
            format!("{name} {found}"),
            "Only MobileNetV2ForSemanticSegmentation as published is built.",
        ))
    }

    /// Side of the square that its images are brought to.
    pub(super) fn input_size(&self) -> Option<usize> {
        self.image_size.filter(|side| (1..=8193).contains(side))
    }

    /// The classes, where they have names of their own.
    pub(super) fn palette(&self, name: &str) -> Option<Palette> {
        let names = (0..self.id2label.len()).map(|index| self.id2label.get(&index.to_string()));
        let names: Vec<_> = names.collect::<Option<_>>()?;
        if names.is_empty() || names.iter().all(|name| name.starts_with("LABEL_")) {
            return None;
        }
        Palette::from_names(name, names).ok()
    }
}

/// The network with that width.
pub(super) fn config(depth_multiplier: f64, num_classes: usize) -> Config {
    Config {
        library: Library::HuggingFace,
        model_variant: "mobilenet_v2".into(),
        depth_multiplier,
        num_classes,
        crop_size: None,
        ..Config::default()
    }
}

/// Channels of the backbone's last features at depth multiplier 1.
pub(super) const LAST_CHANNELS: f64 = 320.0;

/// Where the tensors of a module belong.
pub(super) fn place(module: &str) -> Option<Place> {
    if module.starts_with("mobilenet_v2.conv_1x1.") {
        // The classifier's, which comes after the features that are segmented.
        return Some(Place::Aside);
    }
    let (layer, part) = module.rsplit_once('.')?;
    let scope = match layer {
        "mobilenet_v2.conv_stem.first_conv" => "MobilenetV2/Conv".to_owned(),
        "mobilenet_v2.conv_stem.conv_3x3" => "MobilenetV2/expanded_conv/depthwise".to_owned(),
        "mobilenet_v2.conv_stem.reduce_1x1" => "MobilenetV2/expanded_conv/project".to_owned(),
        "segmentation_head.conv_pool" => "image_pooling".to_owned(),
        "segmentation_head.conv_aspp" => "aspp0".to_owned(),
        "segmentation_head.conv_projection" => "concat_projection".to_owned(),
        "segmentation_head.classifier" => "logits/semantic".to_owned(),
        layer => {
            let (index, conv) = layer.strip_prefix("mobilenet_v2.layer.")?.split_once('.')?;
            let index: usize = index.parse().ok()?;
            let conv = match conv {
                "expand_1x1" => "expand",
                "conv_3x3" => "depthwise",
                "reduce_1x1" => "project",
                _ => return None,
            };
            format!("MobilenetV2/expanded_conv_{}/{conv}", index.checked_add(1)?)
        }
    };
    match part {
        "convolution" => Some(Place::Conv(scope)),
        "normalization" => Some(Place::Norm(scope)),
        _ => None,
    }
}

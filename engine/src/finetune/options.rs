//! The recipe of a run. Field names are research/deeplab's flags where it has one.

use serde::{Deserialize, Serialize};

use super::loss::LossOptions;
use super::schedule::{LearningPolicy, Schedule};
use crate::error::{Error, Result};
use crate::network::Config;

/// Which layers learn; the others stay as they are, and cost no backward pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layers {
    /// The last layer alone, that makes logits of features.
    Head,
    /// Everything behind the backbone: image pooling, ASPP, projection, decoder and logits.
    Decoder,
    /// The whole network.
    #[default]
    All,
}

impl std::str::FromStr for Layers {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "head" => Ok(Self::Head),
            "decoder" => Ok(Self::Decoder),
            "all" => Ok(Self::All),
            _ => Err(Error::argument("layers", "head, decoder or all", text)),
        }
    }
}

/// The recipe of a run. [`Default`] is for fine-tuning; [`FinetuneOptions::from_scratch`] for a fresh network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FinetuneOptions {
    /// Which layers learn.
    pub layers: Layers,
    /// Training steps (`training_number_of_steps`).
    pub steps: u64,
    /// Images a step (`train_batch_size`).
    pub batch: usize,
    /// Width and height of a training crop in pixels (`train_crop_size`); best a multiple of the
    /// output stride, plus 1.
    pub crop: usize,
    /// Decides the order of images, the augmentation, dropout and fresh weights.
    pub seed: u64,
    /// Steps between two scores on the held-out images.
    pub evaluate_every: u64,
    /// The side that held-out images are fitted into for a score: the model's input size makes
    /// the score that of its predictions. None scores images at their own size.
    pub input_size: Option<usize>,
    /// The rate that the policy starts from.
    pub base_learning_rate: f64,
    /// How the rate falls.
    pub learning_policy: LearningPolicy,
    /// Steps at the slow start's rate before the policy begins.
    pub slow_start_step: u64,
    /// The slow start's rate.
    pub slow_start_learning_rate: f64,
    /// Momentum of the gradient descent (not Nesterov's, without dampening).
    pub momentum: f64,
    /// Weight of the L2 regularisation, `weight_decay * sum(w^2) / 2`, on convolution weights alone.
    pub weight_decay: f64,
    /// Factor on the gradients of the last layers.
    pub last_layer_gradient_multiplier: f64,
    /// Whether those are the logits alone, or everything behind the backbone.
    pub last_layers_contain_logits_only: bool,
    /// Whether batch norm uses and gathers the statistics of the batch. Wants batches above 12
    /// images when the statistics are good already.
    pub fine_tune_batch_norm: bool,
    /// Decay of the moving statistics; none for each layer's own (0.997 to 0.9997), which is too
    /// slow for runs of less than some ten thousand steps.
    pub batch_norm_decay: Option<f64>,
    /// Whether dropout is on (keep 0.9 before the logits).
    pub dropout: bool,
    /// Share of the paths through the last cell of a searched backbone that is kept at the end of
    /// the run; fewer are dropped before. 1 drops none, and other backbones have no such paths.
    pub drop_path_keep_prob: f64,
    /// Upsample the logits to the labels (or else the labels down to the logits).
    pub upsample_logits: bool,
    /// Weight of each class in the loss; one for all; or none for 1.
    pub label_weights: Vec<f32>,
    /// The part of the pixels, the hardest ones, that count in the loss.
    pub top_k_percent_pixels: f32,
    /// Steps over which that part falls from 1.
    pub hard_example_mining_step: u64,
    /// Smallest random scale.
    pub min_scale_factor: f32,
    /// Largest random scale.
    pub max_scale_factor: f32,
    /// Step between scales; 0 for any scale in between.
    pub scale_factor_step_size: f32,
    /// Small side that images are resized to before the random scale; none leaves them.
    pub min_resize_value: Option<usize>,
    /// No side becomes larger than this, with `min_resize_value`.
    pub max_resize_value: Option<usize>,
    /// Sides become a multiple of this plus 1.
    pub resize_factor: Option<usize>,
    /// Whether images are mirrored left to right half of the time.
    pub flip: bool,
}

impl Default for FinetuneOptions {
    fn default() -> Self {
        Self {
            layers: Layers::All,
            steps: 200,
            batch: 4,
            crop: 257,
            seed: 0,
            evaluate_every: 50,
            input_size: None,
            base_learning_rate: 0.001,
            learning_policy: LearningPolicy::default(),
            slow_start_step: 0,
            slow_start_learning_rate: 1e-4,
            momentum: 0.9,
            weight_decay: 4e-5,
            last_layer_gradient_multiplier: 1.0,
            last_layers_contain_logits_only: false,
            fine_tune_batch_norm: false,
            batch_norm_decay: None,
            dropout: true,
            drop_path_keep_prob: 1.0,
            upsample_logits: true,
            label_weights: Vec::new(),
            top_k_percent_pixels: 1.0,
            hard_example_mining_step: 0,
            min_scale_factor: 0.5,
            max_scale_factor: 2.0,
            scale_factor_step_size: 0.25,
            min_resize_value: None,
            max_resize_value: None,
            resize_factor: None,
            flip: true,
        }
    }
}

impl FinetuneOptions {
    /// The recipe for a trained network like `config`: the default, with the weight decay that
    /// research/deeplab advises for its backbone.
    pub fn for_network(config: &Config) -> Self {
        let default = Self::default();
        let is_resnet = config.model_variant.starts_with("resnet_v1");
        Self {
            weight_decay: if is_resnet {
                1e-4
            } else {
                default.weight_decay
            },
            ..default
        }
    }

    /// The recipe for a freshly initialised network: a high rate, and batch norm that learns its
    /// statistics quickly enough for a short run.
    pub fn from_scratch() -> Self {
        Self {
            steps: 3000,
            batch: 8,
            evaluate_every: 200,
            base_learning_rate: 0.05,
            slow_start_step: 50,
            slow_start_learning_rate: 0.005,
            fine_tune_batch_norm: true,
            batch_norm_decay: Some(0.98),
            ..Self::default()
        }
    }

    /// The learning rate's course.
    pub fn schedule(&self) -> Schedule {
        Schedule {
            policy: self.learning_policy,
            base_learning_rate: self.base_learning_rate,
            steps: self.steps,
            slow_start_step: self.slow_start_step,
            slow_start_learning_rate: self.slow_start_learning_rate,
        }
    }

    /// The loss's settings.
    pub fn loss(&self) -> LossOptions {
        LossOptions {
            upsample_logits: self.upsample_logits,
            label_weights: self.label_weights.clone(),
            top_k_percent_pixels: self.top_k_percent_pixels,
            hard_example_mining_step: self.hard_example_mining_step,
            ..LossOptions::default()
        }
    }

    /// Refuses settings that make no sense for a network of `classes` classes.
    ///
    /// # Errors
    /// [`Error::Argument`] that names the setting.
    pub fn check(&self, classes: usize) -> Result<()> {
        let positive = |name: &str, value: f64| match value > 0.0 && value.is_finite() {
            true => Ok(()),
            false => Err(Error::argument(name, "a number above 0", value.to_string())),
        };
        positive("steps", self.steps as f64)?;
        positive("batch", self.batch as f64)?;
        positive("crop", self.crop as f64)?;
        positive("evaluate_every", self.evaluate_every as f64)?;
        positive("base_learning_rate", self.base_learning_rate)?;
        positive("min_scale_factor", f64::from(self.min_scale_factor))?;
        positive("top_k_percent_pixels", f64::from(self.top_k_percent_pixels))?;
        positive("drop_path_keep_prob", self.drop_path_keep_prob)?;
        if self.drop_path_keep_prob > 1.0 {
            return Err(Error::argument(
                "drop_path_keep_prob",
                "at most 1",
                self.drop_path_keep_prob.to_string(),
            ));
        }
        if self.max_scale_factor < self.min_scale_factor {
            return Err(Error::argument(
                "max_scale_factor",
                format!("at least min_scale_factor, {}", self.min_scale_factor),
                self.max_scale_factor.to_string(),
            ));
        }
        if !matches!(self.label_weights.len(), 0 | 1) && self.label_weights.len() != classes {
            return Err(Error::argument(
                "label_weights",
                format!("none, 1 or {classes} weights"),
                self.label_weights.len().to_string(),
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resnets_weigh_more() {
        let decay_of = |variant: &str| {
            let config = Config {
                model_variant: variant.to_owned(),
                ..Config::default()
            };
            FinetuneOptions::for_network(&config).weight_decay
        };
        assert_eq!(decay_of("resnet_v1_50_beta"), 1e-4);
        assert_eq!(decay_of("xception_65"), 4e-5);
    }

    #[test]
    fn settings_that_make_no_sense_are_named() {
        let named = |options: FinetuneOptions| options.check(21).unwrap_err().to_string();
        assert!(FinetuneOptions::default().check(21).is_ok());
        assert!(FinetuneOptions::from_scratch().check(21).is_ok());
        let options = FinetuneOptions {
            batch: 0,
            ..Default::default()
        };
        assert!(named(options).starts_with("batch"));
        let options = FinetuneOptions {
            label_weights: vec![1.0; 3],
            ..Default::default()
        };
        assert!(named(options).starts_with("label_weights"));
        let options = FinetuneOptions {
            base_learning_rate: f64::NAN,
            ..Default::default()
        };
        assert!(named(options).starts_with("base_learning_rate"));
        let options = FinetuneOptions {
            drop_path_keep_prob: 1.5,
            ..Default::default()
        };
        assert!(named(options).starts_with("drop_path_keep_prob"));
        let options = FinetuneOptions {
            max_scale_factor: 0.1,
            ..Default::default()
        };
        assert!(named(options).starts_with("max_scale_factor"));
    }
}

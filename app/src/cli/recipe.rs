//! The recipe of a run, as far as the command line changes it.

use anyhow::{Context as _, Result, bail};
use atrous_engine::finetune::FinetuneOptions;
use clap::Args;
use serde_json::Value;

/// The recipe of a run; what is not given stays as the recipe has it. Names are research/deeplab's
/// where it has one.
#[derive(Debug, Args)]
pub struct Recipe {
    /// Training steps.
    #[arg(long, value_name = "N")]
    steps: Option<u64>,
    /// Images a step.
    #[arg(long, value_name = "N")]
    batch: Option<usize>,
    /// Side of the square crop in pixels; best a multiple of the output stride, plus 1.
    #[arg(long, value_name = "N")]
    crop: Option<usize>,
    /// Base learning rate.
    #[arg(long, value_name = "X")]
    rate: Option<f64>,
    /// Weight of the L2 regularisation.
    #[arg(long, value_name = "X")]
    weight_decay: Option<f64>,
    /// Steps between two scores on the held-out images.
    #[arg(long, value_name = "N")]
    evaluate_every: Option<u64>,
    /// Factor on the gradients of the layer that makes logits.
    #[arg(long, value_name = "X")]
    last_layer_gradient_multiplier: Option<f64>,
    /// Weight of each class in the loss: one for each.
    #[arg(long, value_name = "X,X,...", value_delimiter = ',')]
    label_weights: Option<Vec<f32>>,
    /// The part of the pixels, the hardest ones, that count in the loss (0 to 1).
    #[arg(long, value_name = "X")]
    top_k_percent_pixels: Option<f32>,
    /// Smallest random scale.
    #[arg(long, value_name = "X")]
    min_scale_factor: Option<f32>,
    /// Largest random scale.
    #[arg(long, value_name = "X")]
    max_scale_factor: Option<f32>,
    /// Train batch norm too (wants large batches).
    #[arg(long)]
    fine_tune_batch_norm: bool,
    /// Decides the order of images, the augmentation and fresh weights.
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// Any setting by its name in a run's run.json, with a JSON value: momentum=0.8,
    /// drop_path_keep_prob=0.9, min_resize_value=513; may be given several times.
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
}

impl Recipe {
    /// `base` with what was given on the command line.
    ///
    /// # Errors
    /// When `--set` names no setting, or gives it a value of another kind.
    pub fn over(&self, base: FinetuneOptions) -> Result<FinetuneOptions> {
        let named = self.named(base);
        self.set
            .iter()
            .try_fold(named, |options, setting| set(&options, setting))
    }

    /// `base` with what has a flag of its own.
    fn named(&self, base: FinetuneOptions) -> FinetuneOptions {
        FinetuneOptions {
            steps: self.steps.unwrap_or(base.steps),
            batch: self.batch.unwrap_or(base.batch),
            crop: self.crop.unwrap_or(base.crop),
            base_learning_rate: self.rate.unwrap_or(base.base_learning_rate),
            weight_decay: self.weight_decay.unwrap_or(base.weight_decay),
            evaluate_every: self.evaluate_every.unwrap_or(base.evaluate_every),
            last_layer_gradient_multiplier: self
                .last_layer_gradient_multiplier
                .unwrap_or(base.last_layer_gradient_multiplier),
            label_weights: self.label_weights.clone().unwrap_or(base.label_weights),
            top_k_percent_pixels: self
                .top_k_percent_pixels
                .unwrap_or(base.top_k_percent_pixels),
            min_scale_factor: self.min_scale_factor.unwrap_or(base.min_scale_factor),
            max_scale_factor: self.max_scale_factor.unwrap_or(base.max_scale_factor),
            fine_tune_batch_norm: self.fine_tune_batch_norm || base.fine_tune_batch_norm,
            seed: self.seed.unwrap_or(base.seed),
            ..base
        }
    }
}

/// `options` with one setting of `--set`.
fn set(options: &FinetuneOptions, setting: &str) -> Result<FinetuneOptions> {
    let pair = setting.split_once('=');
    let value = pair.and_then(|(name, text)| Some((name, serde_json::from_str(text).ok()?)));
    let Some((name, value)): Option<(&str, Value)> = value else {
        bail!("--set {setting}: expected a name and a JSON value, such as momentum=0.8");
    };
    let mut fields = serde_json::to_value(options)?;
    let known = fields.as_object_mut().context("a recipe has fields")?;
    if !known.contains_key(name) {
        let names: Vec<_> = known.keys().map(String::as_str).collect();
        bail!("--set {setting}: expected one of {}", names.join(", "));
    }
    known.insert(name.to_owned(), value);
    serde_json::from_value(fields).with_context(|| format!("--set {setting}"))
}

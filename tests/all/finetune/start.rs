//! Starting from models: other classes, folded batch norm, the published weights.

use atrous_engine::finetune::{FinetuneOptions, Layers, Start, finetune};
use atrous_engine::jobs::Silent;
use atrous_engine::network::Config;
use atrous_engine::weights::{self, LoadOptions, collect, fold};
use atrous_palettes::Palette;
use atrous_tests::shared;
use burn::tensor::Device;

use super::{Case, config, options};

fn config_for(num_classes: usize) -> Config {
    Config {
        num_classes,
        ..config()
    }
}

#[test]
fn other_classes_get_a_new_head_and_keep_the_rest() {
    let case = Case::new();
    let network = config_for(21).init_seeded(1, &Device::flex()).unwrap();
    let palette = Palette::pascal_voc();
    let start = Start {
        network: &network,
        palette: &palette,
        name: "voc",
    };
    let options = FinetuneOptions {
        layers: Layers::Head,
        fine_tune_batch_norm: false,
        ..options(3)
    };
    let outcome = finetune(
        &start,
        &case.data(),
        &options,
        None,
        &mut Silent,
        &mut |_| {},
    )
    .unwrap();
    assert!(outcome.record.new_head && outcome.record.before.is_none());
    assert_eq!(outcome.network.config().num_classes, 19);
    let (before, after) = (
        collect(&network).unwrap(),
        collect(&outcome.network).unwrap(),
    );
    assert_eq!(after.get("logits/semantic/biases").unwrap().shape, [19]);
    assert_eq!(before.get("aspp0/weights"), after.get("aspp0/weights"));
}

#[test]
fn a_folded_model_is_trained_as_it_is() {
    let case = Case::new();
    let network = fold(&case.fresh(&options(5), None, &mut Silent).unwrap().network).unwrap();
    let error = case.further(&network, &options(5)).unwrap_err();
    assert!(
        error.to_string().contains("fine_tune_batch_norm"),
        "{error}"
    );
    let options = FinetuneOptions {
        fine_tune_batch_norm: false,
        base_learning_rate: 0.02,
        slow_start_step: 0,
        min_scale_factor: 1.0,
        max_scale_factor: 1.0,
        ..options(20)
    };
    let outcome = case.further(&network, &options).unwrap();
    assert!(outcome.network.is_folded());
    let curve = &outcome.record.curve;
    assert!(
        curve.last().unwrap().loss < 0.95 * curve[0].loss,
        "{curve:?}"
    );
}

/// The published VOC model, whose batch norm is folded, learns a street scene's classes.
#[test]
fn the_published_model_takes_up_new_classes() {
    let Some(path) = shared("models/deeplabv3_257_mv_gpu.tflite") else {
        return;
    };
    let model = weights::load(&path, &LoadOptions::default(), &Device::flex()).unwrap();
    let case = Case::new();
    let options = FinetuneOptions {
        steps: 20,
        batch: 2,
        crop: 97,
        layers: Layers::Decoder,
        base_learning_rate: 0.01,
        last_layer_gradient_multiplier: 2.0,
        evaluate_every: 20,
        min_scale_factor: 1.0,
        max_scale_factor: 1.0,
        ..FinetuneOptions::default()
    };
    let start = Start {
        network: &model.network,
        palette: &model.palette,
        name: &model.info.name,
    };
    let outcome = finetune(
        &start,
        &case.data(),
        &options,
        None,
        &mut Silent,
        &mut |_| {},
    )
    .unwrap();
    assert!(outcome.record.new_head && outcome.network.is_folded());
    let curve = &outcome.record.curve;
    assert!(curve[1].loss < 0.8 * curve[0].loss, "{curve:?}");
    let accuracy = outcome.record.after.unwrap().pixel_accuracy.unwrap();
    assert!(accuracy > 0.5, "{accuracy}");
}

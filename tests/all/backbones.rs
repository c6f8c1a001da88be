//! Every backbone and every head in training: a step reaches all variables.

use atrous_engine::finetune::{Batch, FinetuneOptions, Trainer};
use atrous_engine::network::Config;
use atrous_engine::weights::collect;
use atrous_tests::formula;
use burn::tensor::Device;

const SIDE: usize = 33;
const IMAGES: usize = 3;
const CLASSES: usize = 3;

/// A small head and decoder on the backbone of that name.
fn config(variant: &str) -> Config {
    Config {
        model_variant: variant.to_owned(),
        num_classes: CLASSES,
        atrous_rates: vec![1],
        decoder_output_stride: vec![4],
        aspp_convs_filters: 8,
        decoder_filters: 8,
        ..Config::default()
    }
}

/// Images by the formula, each pixel of the class that its place says.
fn batch() -> Batch {
    let planes = |index: usize| {
        let image = formula::image(SIDE, SIDE, &format!("train{index}"));
        (0..3).flat_map(move |channel| {
            let values = image.iter().skip(channel).step_by(3);
            values.copied().map(f32::from).collect::<Vec<_>>()
        })
    };
    let pixels = 0..IMAGES * SIDE * SIDE;
    Batch {
        images: (0..IMAGES).flat_map(planes).collect(),
        labels: pixels.map(|pixel| (pixel / 40 % CLASSES) as u8).collect(),
    }
}

fn check(variant: &str) {
    check_config(variant, &config(variant));
}

fn check_config(what: &str, config: &Config) {
    let network = config.init_seeded(1, &Device::flex()).unwrap();
    let options = FinetuneOptions {
        crop: SIDE,
        base_learning_rate: 0.1,
        weight_decay: 0.0,
        fine_tune_batch_norm: true,
        batch_norm_decay: Some(0.5),
        ..FinetuneOptions::default()
    };
    let before = collect(&network).unwrap();
    let mut trainer = Trainer::new(network, &options).unwrap();
    let report = trainer.step(batch(), 0).unwrap();
    assert!(report.cross_entropy > 0.5, "{what}: {report:?}");
    let after = collect(&trainer.network()).unwrap();
    for (name, tensor) in &before.tensors {
        let values = &after.get(name).unwrap().values;
        assert!(values.iter().all(|value| value.is_finite()), "{name}");
        // Where a depthwise convolution with batch norm follows, a factor on a channel is undone.
        if !name.ends_with("/gamma") {
            assert_ne!(&tensor.values, values, "{name} is as before");
        }
    }
}

#[test]
fn a_step_changes_every_variable_of_xception() {
    check("xception_41");
}

#[test]
fn a_step_changes_every_variable_of_resnet() {
    check("resnet_v1_18");
    check("resnet_v1_18_beta");
}

/// With the head that its checkpoints have: gated by the pooled image, logits from the decoder.
#[test]
fn a_step_changes_every_variable_of_mobilenet_v3() {
    let config = Config {
        depth_multiplier: 0.5,
        output_stride: 32,
        atrous_rates: Vec::new(),
        decoder_output_stride: vec![8],
        decoder_filters: CLASSES,
        decoder_output_is_logits: true,
        decoder_use_sum_merge: true,
        aspp_with_concat_projection: false,
        aspp_with_squeeze_and_excitation: true,
        image_se_uses_qsigmoid: true,
        ..config("mobilenet_v3_small_seg")
    };
    check_config("mobilenet_v3_small_seg", &config);
}

#[test]
fn a_step_changes_every_variable_of_mobilenet_edgetpu() {
    let config = Config {
        depth_multiplier: 0.5,
        decoder_output_stride: Vec::new(),
        ..config("mobilenet_edgetpu")
    };
    check_config("mobilenet_edgetpu", &config);
}

#[test]
fn a_step_changes_every_variable_of_a_dense_prediction_cell() {
    let config = Config {
        depth_multiplier: 0.25,
        dense_prediction_cell_json: "dense_prediction_cell_branch5_top1_cityscapes.json".to_owned(),
        ..config("mobilenet_v2")
    };
    check_config("dense prediction cell", &config);
}

#[test]
fn a_step_changes_every_variable_of_summed_logits() {
    let config = Config {
        depth_multiplier: 0.25,
        atrous_rates: vec![1, 2],
        aspp_with_batch_norm: false,
        logits_kernel_size: 3,
        decoder_output_stride: Vec::new(),
        ..config("mobilenet_v2")
    };
    check_config("summed logits", &config);
}

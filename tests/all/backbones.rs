//! Every backbone and every head in training: a step reaches all variables.

use atrous_engine::finetune::{Batch, FinetuneOptions, Trainer};
use atrous_engine::network::{Config, DropPath, TrainingMode};
use atrous_engine::weights::collect;
use atrous_tests::formula;
use burn::tensor::{Device, Tensor, TensorData};

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

/// Whether a factor on the channels that the convolution in `scope` gives is taken back by the
/// batch norm behind the next depthwise convolution, so that it has no gradient to follow: nothing
/// else reads those channels, and neither relu (the offsets are still 0) nor resizing mixes them.
type Undone = fn(&str) -> bool;

fn ends_in(scope: &str, ends: &[&str]) -> bool {
    ends.iter().any(|end| scope.ends_with(end))
}

/// Before the depthwise convolutions of the decoder.
fn undone_in_decoder(scope: &str) -> bool {
    ends_in(
        scope,
        &[
            "concat_projection",
            "decoder/feature_projection0",
            "decoder/decoder_conv0_pointwise",
        ],
    )
}

/// Before the second and the third depthwise convolution of a module of Xception.
fn undone_in_xception(scope: &str) -> bool {
    let ends = ["separable_conv1_pointwise", "separable_conv2_pointwise"];
    ends_in(scope, &ends) || undone_in_decoder(scope)
}

/// Before the depthwise convolution of an inverted residual, and in the decoder.
fn undone_in_mobilenet_v2(scope: &str) -> bool {
    scope.ends_with("/expand") || undone_in_decoder(scope)
}

/// As in MobileNetV2, whose last features only the cell's first depthwise convolution reads.
fn undone_before_cell(scope: &str) -> bool {
    scope.ends_with("expanded_conv_16/project") || undone_in_mobilenet_v2(scope)
}

/// As MobileNetV2's, but for the fused blocks, the first nine, which have none.
fn undone_in_edgetpu(scope: &str) -> bool {
    let block = scope.strip_prefix("MobilenetEdgeTPU/expanded_conv_");
    let block = block.and_then(|rest| rest.strip_suffix("/expand"));
    block.is_some_and(|block| block.parse::<usize>().unwrap() >= 9)
}

/// Where relu stands before the depthwise convolution; a hard swish is no factor's equal.
fn undone_in_mobilenet_v3_small(scope: &str) -> bool {
    ends_in(scope, &["expanded_conv_1/expand", "expanded_conv_2/expand"])
}

fn check(variant: &str, undone: Undone) {
    check_config(variant, &config(variant), undone);
}

fn check_config(what: &str, config: &Config, undone: Undone) {
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
        let is_undone = name.strip_suffix("/BatchNorm/gamma").is_some_and(undone);
        if !is_undone {
            assert_ne!(&tensor.values, values, "{what}: {name} is as before");
        }
    }
}

#[test]
fn a_step_changes_every_variable_of_xception() {
    check("xception_41", undone_in_xception);
}

#[test]
fn a_step_changes_every_variable_of_resnet() {
    check("resnet_v1_18", undone_in_decoder);
    check("resnet_v1_18_beta", undone_in_decoder);
}

fn searched(variant: &str, output_stride: usize) -> Config {
    Config {
        output_stride,
        nas_stem_output_num_conv_filters: 4,
        ..config(variant)
    }
}

#[test]
fn a_step_changes_every_variable_of_the_searched_backbones() {
    check_config(
        "nas_pnasnet",
        &searched("nas_pnasnet", 16),
        undone_in_decoder,
    );
    check_config(
        "nas_hnasnet",
        &searched("nas_hnasnet", 8),
        undone_in_decoder,
    );
    let with_head = Config {
        nas_use_classification_head: true,
        nas_remove_os32_stride: true,
        ..searched("nas_hnasnet", 8)
    };
    check_config("nas_hnasnet with its head", &with_head, undone_in_decoder);
}

#[test]
fn paths_of_searched_backbones_are_dropped_as_a_run_goes_on() {
    let device = Device::flex();
    let network = searched("nas_pnasnet", 16).init(&device).unwrap();
    let images = Tensor::from_data(
        TensorData::new(batch().images, [IMAGES, 3, SIDE, SIDE]),
        &device,
    );
    let logits = |progress| {
        let mode = TrainingMode {
            drop_path: Some(DropPath {
                keep_prob: 0.5,
                progress,
                seed: 1,
            }),
            ..TrainingMode::default()
        };
        let logits = network.forward_training(images.clone(), &mode);
        logits.into_data().try_to_vec::<f32>().unwrap()
    };
    let plain = network.forward(images.clone()).into_data();
    assert_eq!(logits(0.0), plain.try_to_vec::<f32>().unwrap());
    let (half, end) = (logits(0.5), logits(1.0));
    assert_ne!(half, logits(0.0));
    assert_ne!(half, end);
    assert_eq!(end, logits(1.0));
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
    check_config(
        "mobilenet_v3_small_seg",
        &config,
        undone_in_mobilenet_v3_small,
    );
}

#[test]
fn a_step_changes_every_variable_of_mobilenet_edgetpu() {
    let config = Config {
        depth_multiplier: 0.5,
        decoder_output_stride: Vec::new(),
        ..config("mobilenet_edgetpu")
    };
    check_config("mobilenet_edgetpu", &config, undone_in_edgetpu);
}

#[test]
fn a_step_changes_every_variable_of_a_dense_prediction_cell() {
    let config = Config {
        depth_multiplier: 0.25,
        dense_prediction_cell_json: "dense_prediction_cell_branch5_top1_cityscapes.json".to_owned(),
        ..config("mobilenet_v2")
    };
    check_config("dense prediction cell", &config, undone_before_cell);
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
    check_config("summed logits", &config, undone_in_mobilenet_v2);
}

//! What stands between the backbone and the decoder or the logits.

use super::scopes::{Mismatch, Result, Scopes};
use crate::network::Config;

/// Says in `config` what the tensors say of the head and the number of classes.
pub(super) fn read(scopes: &Scopes, config: &mut Config) -> Result<()> {
    logits(scopes, config)?;
    if scopes.has("meta_architecture/branch0_pointwise") || scopes.has("meta_architecture/branch0")
    {
        dense_prediction_cell(scopes, config)
    } else if scopes.has("aspp0") {
        pyramid(scopes, config)
    } else {
        without_batch_norm(scopes, config);
        Ok(())
    }
}

/// The head ends in a convolution of its own, or in a decoder that gives the logits itself.
fn logits(scopes: &Scopes, config: &mut Config) -> Result<()> {
    if let Some([kernel, _, _, classes]) = scopes.kernel("logits/semantic") {
        config.logits_kernel_size = kernel;
        config.num_classes = classes;
        return Ok(());
    }
    match scopes.kernel("decoder/decoder_conv0") {
        Some([1, 1, _, classes]) => {
            config.num_classes = classes;
            config.decoder_output_is_logits = true;
            Ok(())
        }
        _ => Err(Mismatch {
            expected: "logits/semantic/weights".to_owned(),
            found: "none: a backbone alone, trained for classification?".to_owned(),
        }),
    }
}

/// DeepLab v1 and v2: convolutions right behind the backbone, added up.
fn without_batch_norm(scopes: &Scopes, config: &mut Config) {
    config.aspp_with_batch_norm = false;
    let more = scopes.count(1, |i| format!("logits/semantic_{i}"));
    config.atrous_rates = match more {
        0 => vec![12],
        _ => usual_rates(1 + more, 6),
    };
}

/// DeepLab v3: branches side by side.
fn pyramid(scopes: &Scopes, config: &mut Config) -> Result<()> {
    let filters = scopes.outputs("aspp0")?;
    let separable = scopes.has("aspp1_depthwise");
    let end = if separable { "_depthwise" } else { "" };
    let branches = scopes.count(1, |i| format!("aspp{i}{end}"));
    config.aspp_convs_filters = filters;
    config.aspp_with_separable_conv = separable || branches == 0;
    // The same reach in the image, where the features are twice as fine.
    let first = if config.output_stride == 8 { 12 } else { 6 };
    config.atrous_rates = usual_rates(branches, first);
    config.add_image_level_feature = scopes.has("image_pooling");
    config.aspp_with_concat_projection = scopes.has("concat_projection");
    if config.add_image_level_feature && is_gate(scopes, filters * (branches + 1)) {
        config.aspp_with_squeeze_and_excitation = true;
        config.image_se_uses_qsigmoid = config.decoder_output_is_logits;
        if config.decoder_output_is_logits {
            // As the published MobileNetV3 networks pool.
            config.image_pooling_crop_size = Some([769, 769]);
            config.image_pooling_stride = [4, 5];
        }
    }
    Ok(())
}

/// Whether image pooling multiplies the `branches` channels instead of standing beside them.
fn is_gate(scopes: &Scopes, branches: usize) -> bool {
    if !scopes.is_folded() {
        return scopes.has_bias("image_pooling");
    }
    // All convolutions have biases, but not all are followed by as many channels.
    let next = [
        "concat_projection",
        "logits/semantic",
        "decoder/decoder_conv0",
    ];
    next.iter().find_map(|scope| scopes.inputs(scope).ok()) == Some(branches)
}

fn usual_rates(branches: usize, first: usize) -> Vec<usize> {
    (1..=branches).map(|branch| first * branch).collect()
}

fn dense_prediction_cell(scopes: &Scopes, config: &mut Config) -> Result<()> {
    let pointwise = scopes.count(0, |i| format!("meta_architecture/branch{i}_pointwise"));
    if pointwise != 5 {
        return Err(Mismatch {
            expected: "the published dense prediction cell of five branches".to_owned(),
            found: format!("{pointwise} branches"),
        });
    }
    config.dense_prediction_cell_json =
        "dense_prediction_cell_branch5_top1_cityscapes.json".to_owned();
    config.aspp_convs_filters = scopes.outputs("meta_architecture/branch0_pointwise")?;
    Ok(())
}

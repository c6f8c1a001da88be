//! What brings the detail back, behind the head.

use super::scopes::{Result, Scopes};
use crate::network::Config;

/// Says in `config` what the tensors say of the decoder.
pub(super) fn read(scopes: &Scopes, config: &mut Config) -> Result<()> {
    let projection = |stage: usize| format!("decoder/feature_projection0{}", suffix(stage));
    let stages = scopes.count(0, projection);
    if stages == 0 {
        return Ok(());
    }
    config.decoder_output_stride = (0..stages)
        .map(|stage| {
            let channels = scopes.inputs(&projection(stage))?;
            Ok(stride_of(scopes, channels, config).unwrap_or(4 << (stages - 1 - stage)))
        })
        .collect::<Result<_>>()?;
    let forms = [
        ("decoder/decoder_conv1_pointwise", true, false),
        ("decoder/decoder_conv0/decoder_conv0_2", false, false),
        ("decoder/decoder_split_sep_conv0_pointwise", true, true),
        // Gives the logits itself, with a kernel of 1x1 that has no separable form, or is a sum.
        (
            "decoder/decoder_conv0",
            config.decoder_output_is_logits,
            true,
        ),
    ];
    for (scope, separable, sum) in forms {
        if scopes.has(scope) {
            config.decoder_use_separable_conv = separable;
            config.decoder_use_sum_merge = sum;
            config.decoder_filters = scopes.outputs(scope)?;
            break;
        }
    }
    Ok(())
}

fn suffix(stage: usize) -> String {
    match stage {
        0 => String::new(),
        _ => format!("_{stage}"),
    }
}

/// The stride at which the backbone has features of `channels` channels for the decoder, where
/// there are several such places.
fn stride_of(scopes: &Scopes, channels: usize, config: &Config) -> Option<usize> {
    let end_points: &[(&str, usize)] = match config.model_variant.as_str() {
        "mobilenet_v2" => &[
            ("MobilenetV2/expanded_conv_2/depthwise", 4),
            ("MobilenetV2/expanded_conv_5/depthwise", 8),
            ("MobilenetV2/expanded_conv_12/depthwise", 16),
        ],
        "mobilenet_v3_large_seg" => &[("MobilenetV3/expanded_conv_5/depthwise", 8)],
        "mobilenet_v3_small_seg" => &[("MobilenetV3/expanded_conv_2/depthwise", 8)],
        // What a cell gives is what the next one takes.
        "nas_hnasnet" => &[
            ("hnasnet/cell_3/1x1", 4),
            ("hnasnet/cell_6/1x1", 8),
            ("hnasnet/cell_8/1x1", 16),
        ],
        "nas_pnasnet" => &[
            ("pnasnet/cell_0/1x1", 4),
            ("pnasnet/cell_4/1x1", 8),
            ("pnasnet/cell_8/1x1", 16),
        ],
        _ => &[],
    };
    let found = end_points
        .iter()
        .find(|(scope, _)| scopes.inputs(scope).ok() == Some(channels));
    found.map(|(_, stride)| *stride)
}

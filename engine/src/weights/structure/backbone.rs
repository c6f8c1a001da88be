//! Which backbone, and how wide.

use super::scopes::{Mismatch, Result, Scopes};
use crate::network::Config;

/// Says in `config` what the tensors say of the backbone.
pub(super) fn read(scopes: &Scopes, config: &mut Config) -> Result<()> {
    let roots = scopes.roots();
    let root = roots.iter().find(|root| is_backbone(root));
    match root.copied() {
        Some("MobilenetV2") => mobilenet_v2(scopes, config),
        Some("MobilenetV3") => mobilenet_v3(scopes, config),
        Some("MobilenetEdgeTPU") => mobilenet_edgetpu(scopes, config),
        Some(nas @ ("hnasnet" | "pnasnet")) => searched(scopes, nas, config),
        Some(resnet) if resnet.starts_with("resnet") => {
            resnet_v1(scopes, resnet, config);
            Ok(())
        }
        Some(xception) => {
            xception.clone_into(&mut config.model_variant);
            Ok(())
        }
        None => Err(Mismatch {
            expected: "variables of a DeepLab backbone (MobilenetV2/..., xception_65/...)"
                .to_owned(),
            found: match roots.first() {
                Some(root) => format!("{root}/..."),
                None => "no scopes".to_owned(),
            },
        }),
    }
}

fn is_backbone(root: &str) -> bool {
    const ROOTS: [&str; 11] = [
        "MobilenetV2",
        "MobilenetV3",
        "MobilenetEdgeTPU",
        "hnasnet",
        "pnasnet",
        "resnet_v1_18",
        "resnet_v1_50",
        "resnet_v1_101",
        "xception_41",
        "xception_65",
        "xception_71",
    ];
    ROOTS.contains(&root)
}

/// The last block has 320 channels at full width, whatever the rounding: widths are twentieths.
fn mobilenet_v2(scopes: &Scopes, config: &mut Config) -> Result<()> {
    "mobilenet_v2".clone_into(&mut config.model_variant);
    let last = scopes.outputs("MobilenetV2/expanded_conv_16/project")?;
    config.depth_multiplier = last as f64 / 320.0;
    // At another width than 1 the original rounds to whole channels unless told otherwise.
    let second = scopes.outputs("MobilenetV2/expanded_conv_1/project")?;
    let rounded = (24.0 * config.depth_multiplier).round() as usize;
    let first = scopes.outputs("MobilenetV2/Conv")?;
    let all_whole = second == rounded && first == (32.0 * config.depth_multiplier).round() as usize;
    config.divisible_by = (!all_whole).then_some(8);
    Ok(())
}

/// The two for segmentation; both end in a 1x1 convolution whose channels are a multiple of 8.
fn mobilenet_v3(scopes: &Scopes, config: &mut Config) -> Result<()> {
    let large = scopes.has("MobilenetV3/expanded_conv_14/project");
    let (variant, full) = if large {
        ("large", 480.0)
    } else {
        ("small", 288.0)
    };
    config.model_variant = format!("mobilenet_v3_{variant}_seg");
    let last = scopes.outputs("MobilenetV3/Conv_1")?;
    let width = (1..=40)
        .map(|twentieths| f64::from(twentieths) / 20.0)
        .find(|width| (full * width / 8.0).round() as usize * 8 == last);
    config.depth_multiplier = width.unwrap_or(last as f64 / full);
    // As published: trained on Cityscapes at 769x769.
    config.output_stride = 32;
    Ok(())
}

fn mobilenet_edgetpu(scopes: &Scopes, config: &mut Config) -> Result<()> {
    "mobilenet_edgetpu".clone_into(&mut config.model_variant);
    let last = scopes.outputs("MobilenetEdgeTPU/Conv_1")?;
    config.depth_multiplier = last as f64 / 1280.0;
    Ok(())
}

fn resnet_v1(scopes: &Scopes, root: &str, config: &mut Config) {
    let beta = scopes.has(&format!("{root}/conv1_1"));
    let end = if beta { "_beta" } else { "" };
    config.model_variant = format!("{root}{end}");
    if beta && root != "resnet_v1_18" {
        config.multi_grid = vec![1, 2, 4];
    }
}

fn searched(scopes: &Scopes, root: &str, config: &mut Config) -> Result<()> {
    config.model_variant = format!("nas_{root}");
    let filters = |cell: usize| scopes.outputs(&format!("{root}/cell_{cell}/1x1"));
    let (first, last) = (filters(0)?, filters(11)?);
    if root == "hnasnet" {
        config.nas_stem_output_num_conv_filters = first;
        config.output_stride = 8;
    } else {
        // The first cell is one level down, and each level further doubles the filters.
        config.nas_stem_output_num_conv_filters = first / 2;
        config.output_stride = 8 * last / first.max(1);
    }
    config.nas_use_classification_head = scopes.has(&format!("{root}/classification_head_conv"));
    Ok(())
}

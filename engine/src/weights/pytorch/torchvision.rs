//! torchvision's `deeplabv3_resnet50`, `deeplabv3_resnet101` and `deeplabv3_mobilenet_v3_large`:
//! which one a state dict is of, and the names of its tensors.

use super::naming::Place;
use crate::network::{Config, Library};
use crate::weights::{NamedTensor, TensorSet};

/// Dilations of the head's branches, whatever the backbone.
const RATES: [usize; 3] = [12, 24, 36];

/// The network that the names of `tensors` tell of, with that many classes.
pub(super) fn config(tensors: &TensorSet, num_classes: usize) -> Option<Config> {
    let has = |name| tensors.get(name).is_some();
    let (model_variant, output_stride) = if has("backbone.layer3.22.conv3.weight") {
        ("resnet_v1_101", 8)
    } else if has("backbone.layer3.5.conv3.weight") {
        ("resnet_v1_50", 8)
    } else if has("backbone.15.block.3.0.weight") {
        ("mobilenet_v3_large", 16)
    } else {
        return None;
    };
    Some(Config {
        library: Library::Torchvision,
        model_variant: model_variant.into(),
        num_classes,
        output_stride,
        crop_size: None,
        atrous_rates: RATES.to_vec(),
        aspp_with_separable_conv: false,
        ..Config::default()
    })
}

/// The backbone's scope.
pub(super) fn scope(config: &Config) -> &str {
    match config.model_variant.as_str() {
        "mobilenet_v3_large" => "MobilenetV3",
        variant => variant,
    }
}

/// Where the tensors of a module belong; `scope` is the backbone's.
pub(super) fn place(module: &str, scope: &str) -> Option<Place> {
    if module.starts_with("aux_classifier.") {
        // The second head, which only training looks at.
        return Some(Place::Aside);
    }
    if let Some(module) = module.strip_prefix("classifier.") {
        return head(module);
    }
    let module = module.strip_prefix("backbone.")?;
    if module.starts_with(|first: char| first.is_ascii_digit()) {
        mobilenet(module, scope)
    } else {
        resnet(module, scope)
    }
}

/// A convolution and its batch norm follow each other: `0` and `1`, or `1` and `2`.
fn of_pair(scope: String, place: &str, first: &str, second: &str) -> Option<Place> {
    if place == first {
        Some(Place::Conv(scope))
    } else if place == second {
        Some(Place::Norm(scope))
    } else {
        None
    }
}

fn head(module: &str) -> Option<Place> {
    let parts: Vec<_> = module.split('.').collect();
    match parts[..] {
        ["0", "convs", branch @ ("0" | "1" | "2" | "3"), part] => {
            of_pair(format!("aspp{branch}"), part, "0", "1")
        }
        ["0", "convs", "4", part] => of_pair("image_pooling".into(), part, "1", "2"),
        ["0", "project", part] => of_pair("concat_projection".into(), part, "0", "1"),
        ["4"] => Some(Place::Conv("logits/semantic".into())),
        [part] => of_pair("decoder/decoder_conv0".into(), part, "1", "2"),
        _ => None,
    }
}

fn resnet(module: &str, scope: &str) -> Option<Place> {
    let parts: Vec<_> = module.split('.').collect();
    let unit = |block: &str, unit: &str| {
        let block: usize = block.strip_prefix("layer")?.parse().ok()?;
        let unit = unit.parse::<usize>().ok()?.checked_add(1)?;
        Some(format!("{scope}/block{block}/unit_{unit}/bottleneck_v1"))
    };
    match parts[..] {
        [part] => of_pair(format!("{scope}/conv1"), part, "conv1", "bn1"),
        [block, index, "downsample", part] => {
            of_pair(format!("{}/shortcut", unit(block, index)?), part, "0", "1")
        }
        [block, index, part] => {
            let number = part.trim_start_matches(|letter: char| letter.is_ascii_lowercase());
            let scope = format!("{}/conv{number}", unit(block, index)?);
            match part.strip_suffix(number)? {
                "conv" => Some(Place::Conv(scope)),
                "bn" => Some(Place::Norm(scope)),
                _ => None,
            }
        }
        _ => None,
    }
}

fn mobilenet(module: &str, scope: &str) -> Option<Place> {
    let parts: Vec<_> = module.split('.').collect();
    match parts[..] {
        ["0", part] => of_pair(format!("{scope}/Conv"), part, "0", "1"),
        ["16", part] => of_pair(format!("{scope}/Conv_1"), part, "0", "1"),
        [index, "block", layer, part] => {
            let index = index.parse::<usize>().ok()?.checked_sub(1)?;
            let scope = match index {
                0 => format!("{scope}/expanded_conv"),
                index => format!("{scope}/expanded_conv_{index}"),
            };
            // The first block does not widen, so what follows stands a place earlier.
            let layer = layer.parse::<usize>().ok()? + usize::from(index == 0);
            match (part, layer) {
                ("fc1", 2) => Some(Place::Conv(format!("{scope}/squeeze_excite/Conv"))),
                ("fc2", 2) => Some(Place::Conv(format!("{scope}/squeeze_excite/Conv_1"))),
                (part, 0) => of_pair(format!("{scope}/expand"), part, "0", "1"),
                (part, 1) => of_pair(format!("{scope}/depthwise"), part, "0", "1"),
                (part, 2 | 3) => of_pair(format!("{scope}/project"), part, "0", "1"),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Puts the pooled image's channels before the branches', as research/deeplab does; here they come
/// last, a fifth of all. `projection` is `[1, 1, in, out]`.
pub(super) fn pooled_first(projection: &mut NamedTensor) {
    let branches = RATES.len() + 2;
    let pooled = projection.values.len() / branches;
    projection.values.rotate_right(pooled);
}

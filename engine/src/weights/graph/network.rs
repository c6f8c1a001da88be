//! Which DeepLab network a graph is.

use std::collections::HashSet;

use super::layer::{Graph, Window};
use super::mismatch::{Mismatch, Result, mismatch};
use super::naming::Naming;
use super::{backbone, head, image};
use crate::network::{Config, scale_dimension};
use crate::weights::TensorSet;

/// The largest side of an image that a graph may be made for; real ones have 257 to 2049 pixels.
const LARGEST_SIDE: usize = 16_385;

/// What a graph turned out to be.
#[derive(Debug)]
pub(in crate::weights) struct Found {
    /// The network.
    pub(in crate::weights) config: Config,
    /// Its folded weights, under TensorFlow's names and in its layouts.
    pub(in crate::weights) tensors: TensorSet,
    /// The convolutions whose constants they are, by their source.
    pub(in crate::weights) taken: HashSet<usize>,
}

/// Finds the network in a graph by its structure alone: names of tensors differ between converters.
///
/// # Errors
/// A [`Mismatch`] at the first place where the graph is no DeepLab network that is read.
pub(in crate::weights) fn identify(graph: &Graph) -> Result<Found> {
    let mut layers = Naming::of(graph);
    let image = image::prepare(&layers, graph)?;
    let allowed = 1..=LARGEST_SIDE;
    if !image.size.iter().all(|side| allowed.contains(side)) {
        return Err(mismatch(
            format!("images of at most {LARGEST_SIDE} pixels a side"),
            format!("{:?}", image.size),
        ));
    }
    let backbone = backbone::read(&mut layers, image.tensor)?;
    let head = head::read(&mut layers, backbone.features)?;
    let mut config = Config {
        num_classes: head.num_classes,
        crop_size: Some(image.size),
        atrous_rates: head.atrous_rates,
        add_image_level_feature: head.pooling.is_some(),
        aspp_with_separable_conv: head.separable,
        aspp_with_concat_projection: head.concat_projection,
        aspp_convs_filters: head.filters,
        ..backbone.config
    };
    if let Some(Some(window)) = head.pooling {
        set_pooling(&mut config, window, image.size)?;
    }
    config.validate().map_err(|error| Mismatch {
        advice: "The network is beyond those that are built.".into(),
        ..mismatch("a network of the DeepLab family", error.to_string())
    })?;
    let (tensors, taken) = layers.finish();
    Ok(Found {
        config,
        tensors,
        taken,
    })
}

/// What a pooling window stands for: the whole map for a crop as large as the image, or a part.
fn set_pooling(config: &mut Config, window: Window, image_size: [usize; 2]) -> Result<()> {
    let scale = 1.0 / config.output_stride as f64;
    let map = image_size.map(|side| scale_dimension(side, scale));
    let fits = |axis: usize| (1..=map[axis]).contains(&window.size[axis]);
    if !fits(0) || !fits(1) {
        return Err(mismatch(
            format!("pooling within {map:?}"),
            format!("a window of {:?}", window.size),
        ));
    }
    if window.size != map {
        let stride = config.output_stride;
        config.image_pooling_crop_size = Some(window.size.map(|side| (side - 1) * stride + 1));
        config.image_pooling_stride = window.stride;
    }
    Ok(())
}

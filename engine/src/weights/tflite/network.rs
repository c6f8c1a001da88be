//! Which DeepLab network a graph is.

use super::graph::{Element, Graph};
use super::layers::{Layers, Mismatch, Result, mismatch};
use super::{Import, backbone, head};
use crate::network::Config;

/// Finds the network in a graph by its structure alone: names of tensors differ between converters.
pub(super) fn identify(graph: &Graph) -> Result<Import> {
    let &[image] = graph.inputs.as_slice() else {
        return Err(mismatch(
            "one input",
            format!("{} inputs", graph.inputs.len()),
        ));
    };
    let crop_size = image_size(graph, image)?;
    let mut layers = Layers::of(graph)?;
    let backbone = backbone::read(&mut layers, image)?;
    let head = head::read(&mut layers, backbone.features)?;
    let config = Config {
        model_variant: "mobilenet_v2".to_owned(),
        num_classes: head.num_classes,
        output_stride: backbone.output_stride,
        crop_size: Some(crop_size),
        depth_multiplier: backbone.depth_multiplier,
        divisible_by: backbone.divisible_by,
        atrous_rates: head.atrous_rates,
        add_image_level_feature: head.pooling.is_some(),
        image_pooling_crop_size: pooling_crop(
            graph,
            backbone.features,
            backbone.output_stride,
            head.pooling.flatten(),
        ),
        aspp_with_separable_conv: head.separable,
        aspp_with_concat_projection: head.concat_projection,
        aspp_convs_filters: head.filters,
        ..Config::default()
    };
    let (tensors, unused) = layers.finish();
    let [height, width] = crop_size;
    Ok(Import {
        config,
        tensors,
        input_size: height.max(width),
        unused,
    })
}

/// Height and width of the images that the graph takes.
fn image_size(graph: &Graph, image: i32) -> Result<[usize; 2]> {
    let tensor = graph
        .tensor(image)
        .ok_or_else(|| mismatch("an input", "none"))?;
    if tensor.element == Element::Quantised {
        return Err(Mismatch {
            advice: "Use the model's floating point version.".into(),
            ..mismatch("a network of floating point numbers", "a quantised network")
        });
    }
    let side = |side: i32| usize::try_from(side).ok().filter(|side| *side > 0);
    match *tensor.shape.as_slice() {
        [1, height, width, 3] if tensor.element == Element::Float32 => side(height)
            .zip(side(width))
            .map(|(height, width)| [height, width]),
        _ => None,
    }
    .ok_or_else(|| {
        mismatch(
            "images [1, height, width, 3]",
            format!("{:?}", tensor.shape),
        )
    })
}

/// The image size that the pooling window spans, unless it spans the whole map.
fn pooling_crop(
    graph: &Graph,
    features: i32,
    output_stride: usize,
    window: Option<[i32; 2]>,
) -> Option<[usize; 2]> {
    let window = window?;
    let map = graph.tensor(features)?.shape.get(1..3)?;
    if window == map {
        return None;
    }
    Some(window.map(|side| usize::try_from(side - 1).unwrap_or_default() * output_stride + 1))
}

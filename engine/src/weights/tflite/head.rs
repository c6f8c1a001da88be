//! Finding the head of a DeepLab network in a graph: pooling, branches, projection, logits.

use super::graph::Activation;
use super::layers::{Conv, Layer, Layers, Result, What, mismatch};

/// What is known of a head once it has been found.
#[derive(Debug, Default)]
pub(super) struct Head {
    pub(super) num_classes: usize,
    /// Channels of each branch.
    pub(super) filters: usize,
    pub(super) atrous_rates: Vec<usize>,
    pub(super) separable: bool,
    pub(super) concat_projection: bool,
    /// Whether there is image pooling, and over which window if not over everything.
    pub(super) pooling: Option<Option<[i32; 2]>>,
}

/// Names the constants of the head that takes the tensor `features`.
pub(super) fn read(layers: &mut Layers, features: i32) -> Result<Head> {
    let mut head = Head {
        separable: true,
        ..Head::default()
    };
    let (branches, mut current) = branches(layers, features)?;
    for branch in branches {
        head.name_branch(layers, branch, features)?;
    }
    if let Some((conv, output)) =
        layers.conv_after(current, |conv| conv.is_pointwise(Activation::Relu))
    {
        layers.name(&conv, "concat_projection")?;
        head.concat_projection = true;
        current = output;
    }
    let (logits, _) = layers
        .conv_after(current, |conv| conv.is_pointwise(Activation::None))
        .ok_or_else(|| mismatch("logits right after the head", "something else (a decoder?)"))?;
    layers.name(&logits, "logits/semantic")?;
    head.num_classes = logits.outputs;
    Ok(head)
}

/// The tensors that the head puts together, and what comes out; or its one branch.
fn branches(layers: &Layers, features: i32) -> Result<(Vec<i32>, i32)> {
    let (_, first) = layers
        .conv_after(features, |conv| conv.is_pointwise(Activation::Relu))
        .ok_or_else(|| mismatch("a 1x1 branch (aspp0)", "none"))?;
    let together = layers
        .takers(first)
        .find(|layer| layer.what == What::Concatenation);
    Ok(together.map_or_else(
        || (vec![first], first),
        |layer| (layer.inputs.clone(), layer.output),
    ))
}

impl Head {
    /// Names the branch that gives `tensor`, told by what it is made of.
    fn name_branch(&mut self, layers: &mut Layers, tensor: i32, features: i32) -> Result<()> {
        let unknown = || {
            mismatch(
                "branches of atrous spatial pyramid pooling",
                "another branch",
            )
        };
        let Some((conv, input)) = conv_giving(layers, tensor) else {
            return self.name_pooling(layers, tensor, features);
        };
        let atrous = self.atrous_rates.len() + 1;
        if input == features && conv.is_pointwise(Activation::Relu) {
            self.filters = conv.outputs;
            return layers.name(&conv, "aspp0");
        }
        if input == features && !conv.depthwise && conv.size == [3, 3] {
            self.separable = false;
            self.push_rate(&conv);
            return layers.name(&conv, &format!("aspp{atrous}"));
        }
        match conv_giving(layers, input) {
            Some((depthwise, source)) if depthwise.depthwise && source == features => {
                self.push_rate(&depthwise);
                layers.name(&depthwise, &format!("aspp{atrous}_depthwise"))?;
                layers.name(&conv, &format!("aspp{atrous}_pointwise"))
            }
            _ => Err(unknown()),
        }
    }

    fn push_rate(&mut self, conv: &Conv) {
        self.atrous_rates
            .push(usize::try_from(conv.rate).unwrap_or(1));
    }

    /// Names the branch of pooling, convolution and resizing that gives `tensor`.
    fn name_pooling(&mut self, layers: &mut Layers, tensor: i32, features: i32) -> Result<()> {
        let resized = layers
            .giver(tensor)
            .filter(|layer| layer.what == What::Resize);
        let pooled = resized
            .and_then(first_input)
            .and_then(|tensor| conv_giving(layers, tensor))
            .and_then(|(conv, input)| Some((conv, layers.giver(input)?)));
        match pooled {
            Some((conv, pool)) if first_input(pool) == Some(features) => {
                let What::Pool(window) = pool.what else {
                    return Err(mismatch("image pooling", format!("{:?}", pool.what)));
                };
                self.pooling = Some(window);
                layers.name(&conv, "image_pooling")
            }
            _ => Err(mismatch("image pooling", "another resized branch")),
        }
    }
}

fn first_input(layer: &Layer) -> Option<i32> {
    layer.inputs.first().copied()
}

/// The convolution that gives `tensor`, with the tensor it takes.
fn conv_giving(layers: &Layers, tensor: i32) -> Option<(Conv, i32)> {
    let layer = layers.giver(tensor)?;
    match &layer.what {
        What::Conv(conv) => Some((conv.clone(), first_input(layer)?)),
        _ => None,
    }
}

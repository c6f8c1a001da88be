//! Finding the head of a DeepLab network in a graph: pooling, branches, projection, logits.

use super::layer::{Activation, Conv, Layer, What, Window};
use super::mismatch::{Result, mismatch};
use super::naming::Naming;

/// What is known of a head once it has been found.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) num_classes: usize,
    /// Channels of each branch.
    pub(super) filters: usize,
    pub(super) atrous_rates: Vec<usize>,
    pub(super) separable: bool,
    pub(super) concat_projection: bool,
    /// Whether there is image pooling, and over which window if not over everything.
    pub(super) pooling: Option<Option<Window>>,
}

/// Names the constants of the head that takes the tensor `features`.
pub(super) fn read(layers: &mut Naming, features: usize) -> Result<Head> {
    let mut head = Head {
        num_classes: 0,
        filters: 0,
        atrous_rates: Vec::new(),
        separable: true,
        concat_projection: false,
        pooling: None,
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
fn branches(layers: &Naming, features: usize) -> Result<(Vec<usize>, usize)> {
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
    fn name_branch(&mut self, layers: &mut Naming, tensor: usize, features: usize) -> Result<()> {
        let Some((conv, input)) = layers.conv_giving(tensor) else {
            return self.name_pooling(layers, tensor, features);
        };
        let atrous = self.atrous_rates.len() + 1;
        if input == features && conv.is_pointwise(Activation::Relu) {
            self.filters = conv.outputs;
            return layers.name(&conv, "aspp0");
        }
        if input == features && conv.is_full(3, Activation::Relu) {
            self.separable = false;
            self.atrous_rates.push(conv.rate);
            return layers.name(&conv, &format!("aspp{atrous}"));
        }
        match layers.conv_giving(input) {
            Some((depthwise, source))
                if source == features
                    && depthwise.is_depthwise(3, Activation::Relu)
                    && conv.is_pointwise(Activation::Relu) =>
            {
                self.atrous_rates.push(depthwise.rate);
                layers.name(&depthwise, &format!("aspp{atrous}_depthwise"))?;
                layers.name(&conv, &format!("aspp{atrous}_pointwise"))
            }
            _ => Err(mismatch(
                "branches of atrous spatial pyramid pooling",
                "another branch",
            )),
        }
    }

    /// Names the branch of pooling, convolution and spreading that gives `tensor`.
    fn name_pooling(&mut self, layers: &mut Naming, tensor: usize, features: usize) -> Result<()> {
        let (spread, conv, pool) = pooling(layers, tensor)
            .filter(|(_, _, pool)| pool.inputs.first() == Some(&features))
            .ok_or_else(|| mismatch("image pooling", "another branch"))?;
        let What::Pool(window) = pool.what else {
            return Err(mismatch("image pooling", format!("{:?}", pool.what)));
        };
        if !matches!(spread, What::Resize { .. } | What::Tile) {
            return Err(mismatch("the pooled image spread", format!("{spread:?}")));
        }
        self.pooling = Some(window);
        layers.name(&conv, "image_pooling")
    }
}

/// What spreads the pooled image, the convolution before it, and the pooling before that.
fn pooling<'g>(layers: &Naming<'g>, tensor: usize) -> Option<(What, Conv, &'g Layer)> {
    let spread = layers.giver(tensor)?;
    let (conv, input) = layers.conv_giving(*spread.inputs.first()?)?;
    Some((spread.what, conv, layers.giver(input)?))
}

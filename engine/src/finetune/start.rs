//! Where a run begins: a model with a head for the data's classes, or fresh weights.

use atrous_palettes::Palette;

use super::record::class_names;
use crate::error::Result;
use crate::network::DeepLab;
use crate::weights::{assign, collect};

/// Whether labels of one palette mean the same to a model of the other: the same names in the same
/// order, whatever their colours.
pub(super) fn same_classes(one: &Palette, other: &Palette) -> bool {
    let names = |palette| {
        class_names(palette)
            .into_iter()
            .map(|name| name.to_lowercase())
    };
    one.ignored == other.ignored && names(one).eq(names(other))
}

/// `network` for `classes` classes: fresh weights in the layer that makes logits, all others kept.
pub(super) fn with_new_head(network: &DeepLab, classes: usize, seed: u64) -> Result<DeepLab> {
    let config = network.config().with_classes(classes);
    let fresh = config.init_seeded(seed, &network.device())?;
    let mut tensors = collect(network)?;
    let head = collect(&fresh)?
        .tensors
        .into_iter()
        .filter(|(name, _)| config.makes_logits(name));
    tensors.tensors.extend(head);
    Ok(assign(fresh, &tensors)?.0)
}

/// The model that a run starts from.
#[derive(Clone, Copy)]
pub struct Start<'a> {
    /// Its network, on the device to train on.
    pub network: &'a DeepLab,
    /// Its classes.
    pub palette: &'a Palette,
    /// What to call it in the record.
    pub name: &'a str,
}

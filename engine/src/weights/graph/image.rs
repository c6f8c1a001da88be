//! What a graph does with the image before its first convolution.

use super::layer::{Affine, Graph, What};
use super::mismatch::{Mismatch, Result};
use super::naming::Naming;

/// What the networks make of pixel values 0 and 255.
const BLACK: f32 = -1.0;
const WHITE: f32 = 1.0;

/// Rounding of the input to 8 bits moves white to 127/128; more is another preprocessing.
const TOLERANCE: f32 = 0.01;

/// The image as the first convolution takes it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Image {
    pub(super) tensor: usize,
    /// Height and width.
    pub(super) size: [usize; 2],
}

/// Walks over scaling and resizing, and makes sure that the values are those of our networks.
///
/// An image of floating point numbers that the graph itself does not scale is taken as scaled
/// already: the file can't say so.
pub(super) fn prepare(layers: &Naming, graph: &Graph) -> Result<Image> {
    let mut image = Image {
        tensor: graph.image,
        size: graph.image_size,
    };
    let mut values = graph.pixels;
    // A graph in which layers go round in a circle would not end.
    for _ in 0..graph.layers.len() {
        let mut next = layers.takers(image.tensor);
        let prepares = |what| matches!(what, What::Affine(_) | What::Resize { .. });
        let Some(layer) = next.find(|layer| prepares(layer.what)) else {
            break;
        };
        match layer.what {
            What::Affine(affine) => {
                values = Some(values.unwrap_or(Affine::IDENTITY).then(affine));
            }
            What::Resize { size, .. } => image.size = size.unwrap_or(image.size),
            _ => {}
        }
        image.tensor = layer.output;
    }
    check_range(values)?;
    Ok(image)
}

fn check_range(values: Option<Affine>) -> Result<()> {
    let Some(values) = values else { return Ok(()) };
    let (black, white) = (values.of(0.0), values.of(255.0));
    // Comparing this way round refuses what is not a number, too.
    if (black - BLACK).abs() <= TOLERANCE && (white - WHITE).abs() <= TOLERANCE {
        return Ok(());
    }
    Err(Mismatch {
        expected: format!("pixel values 0 to 255 scaled to {BLACK} to {WHITE}"),
        found: format!("a scaling to {black} to {white}"),
        advice: "The network was trained on differently scaled images; it can't be read.".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalings_are_told_apart() {
        let scaling = |scale, shift| check_range(Some(Affine { scale, shift }));
        assert!(check_range(None).is_ok());
        assert!(scaling(2.0 / 255.0, -1.0).is_ok());
        assert!(scaling(1.0 / 128.0, -1.0).is_ok());
        assert!(scaling(1.0, 0.0).is_err());
        assert!(scaling(1.0 / 255.0, 0.0).is_err());
        assert!(scaling(f32::NAN, -1.0).is_err());
    }
}

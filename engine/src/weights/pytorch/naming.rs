//! From PyTorch's names and layouts to research/deeplab's.

use super::{hugging_face, torchvision};
use crate::network::{Kind, Library, to_tensorflow};
use crate::weights::NamedTensor;

/// Where a PyTorch module's tensors belong: a convolution's scope, or its batch norm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    Conv(String),
    Norm(String),
    /// Kept by the file, but without effect on the segmentation.
    Aside,
}

/// What becomes of a tensor.
#[derive(Debug, PartialEq)]
pub(super) enum Turned {
    /// The name and the tensor as research/deeplab would have them.
    Variable(String, NamedTensor),
    Aside,
    /// The network has no place for it.
    Unknown,
}

/// Turns the tensor that `library` calls `name`; `scope` is the backbone's.
pub(super) fn turn(library: Library, scope: &str, name: &str, tensor: NamedTensor) -> Turned {
    let Some((module, leaf)) = name.rsplit_once('.') else {
        return Turned::Unknown;
    };
    if leaf == "num_batches_tracked" {
        return Turned::Aside;
    }
    let place = match library {
        Library::Torchvision => torchvision::place(module, scope),
        Library::HuggingFace => hugging_face::place(module),
        Library::Tensorflow => None,
    };
    let variable = match (&place, leaf) {
        (None, _) => None,
        (Some(Place::Aside), _) => return Turned::Aside,
        (Some(Place::Conv(scope)), "weight") if scope.ends_with("/depthwise") => {
            Some((scope, "", Kind::DepthwiseWeights))
        }
        (Some(Place::Conv(scope)), "weight") => Some((scope, "", Kind::Weights)),
        (Some(Place::Conv(scope)), "bias") => Some((scope, "", Kind::Biases)),
        (Some(Place::Norm(scope)), "weight") => Some((scope, "/BatchNorm", Kind::Gamma)),
        (Some(Place::Norm(scope)), "bias") => Some((scope, "/BatchNorm", Kind::Beta)),
        (Some(Place::Norm(scope)), "running_mean") => Some((scope, "/BatchNorm", Kind::MovingMean)),
        (Some(Place::Norm(scope)), "running_var") => {
            Some((scope, "/BatchNorm", Kind::MovingVariance))
        }
        _ => None,
    };
    let Some((scope, norm, kind)) = variable else {
        return Turned::Unknown;
    };
    let name = format!("{scope}{norm}/{}", kind.leaf());
    Turned::Variable(name, in_tensorflow(kind, tensor))
}

/// A tensor in TensorFlow's layout. PyTorch's is the one that networks have inside.
fn in_tensorflow(kind: Kind, tensor: NamedTensor) -> NamedTensor {
    // Other shapes are named as wrong when the network is given its weights.
    if matches!(kind, Kind::Weights | Kind::DepthwiseWeights) && tensor.shape.len() != 4 {
        return tensor;
    }
    let (shape, values) = to_tensorflow(kind, &tensor.shape, &tensor.values);
    NamedTensor { shape, values }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turned(library: Library, name: &str, shape: &[usize]) -> (String, Vec<usize>) {
        let tensor = NamedTensor {
            shape: shape.to_vec(),
            values: vec![0.0; shape.iter().product()],
        };
        match turn(library, "resnet_v1_50", name, tensor) {
            Turned::Variable(name, tensor) => (name, tensor.shape),
            other => panic!("{name}: {other:?}"),
        }
    }

    #[test]
    fn names_and_shapes_are_the_originals() {
        let library = Library::HuggingFace;
        for (name, shape, original, turned_shape) in [
            (
                "mobilenet_v2.layer.4.conv_3x3.convolution.weight",
                &[192, 1, 3, 3][..],
                "MobilenetV2/expanded_conv_5/depthwise/depthwise_weights",
                &[3, 3, 192, 1][..],
            ),
            (
                "mobilenet_v2.layer.4.reduce_1x1.normalization.running_var",
                &[32],
                "MobilenetV2/expanded_conv_5/project/BatchNorm/moving_variance",
                &[32],
            ),
            (
                "segmentation_head.classifier.convolution.weight",
                &[21, 256, 1, 1],
                "logits/semantic/weights",
                &[1, 1, 256, 21],
            ),
        ] {
            let expected = (original.to_owned(), turned_shape.to_vec());
            assert_eq!(turned(library, name, shape), expected);
        }
        let found = turned(Library::Torchvision, "backbone.layer3.5.bn2.bias", &[256]);
        let name = "resnet_v1_50/block3/unit_6/bottleneck_v1/conv2/BatchNorm/beta";
        assert_eq!(found, (name.to_owned(), vec![256]));
    }

    #[test]
    fn what_has_no_place_is_told_apart() {
        let turned = |library, name| {
            let tensor = NamedTensor {
                shape: vec![1],
                values: vec![0.0],
            };
            turn(library, "MobilenetV3", name, tensor)
        };
        let (hub, vision) = (Library::HuggingFace, Library::Torchvision);
        for (library, name) in [
            (hub, "mobilenet_v2.conv_1x1.convolution.weight"),
            (
                hub,
                "segmentation_head.conv_pool.normalization.num_batches_tracked",
            ),
            (vision, "aux_classifier.4.bias"),
        ] {
            assert_eq!(turned(library, name), Turned::Aside, "{name}");
        }
        for (library, name) in [
            (hub, "weight"),
            (hub, "mobilenet_v2.layer.x.conv_3x3.convolution.weight"),
            (hub, "mobilenet_v2.layer.1.conv_3x3.convolution.scale"),
            (hub, "classifier.weight"),
            (vision, "backbone.fc.weight"),
            (vision, "backbone.2.block.1.7.weight"),
            (vision, "classifier.0.convs.1.5.weight"),
            (vision, "classifier.3.weight"),
        ] {
            assert_eq!(turned(library, name), Turned::Unknown, "{name}");
        }
    }
}

//! A Core ML convolution as one of a graph, if it pads as TensorFlow does.

use super::layer::{borders, pair};
use crate::weights::graph::{Activation, Conv, Result, mismatch};
use crate::weights::protobuf::{Malformed, Message};

/// A convolution layer; kernels are `[output channels, kernel channels, height, width]`.
#[derive(Debug, Clone)]
pub(super) struct Convolution<'a> {
    outputs: u64,
    /// Input channels that one output sees.
    kernel_channels: u64,
    groups: u64,
    size: Option<[usize; 2]>,
    stride: Option<[usize; 2]>,
    rate: Option<[usize; 2]>,
    padding: Padding,
    is_deconvolution: bool,
    /// Where the kernel is.
    pub(super) kernel: Option<Message<'a>>,
    /// Where the biases are; `None` where there are none.
    pub(super) biases: Option<Message<'a>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Padding {
    /// As many zeros as make ceil(size / stride) outputs, an odd one at the end.
    Same,
    /// These amounts before and after, down and then across; none at all if the list is empty.
    Amounts(Vec<[u64; 2]>),
    Other,
}

impl<'a> Convolution<'a> {
    /// Reads `ConvolutionLayerParams`.
    pub(super) fn read(message: Message<'a>) -> std::result::Result<Self, Malformed> {
        let has_bias = message.number(70) != 0;
        Ok(Self {
            outputs: message.number(1),
            kernel_channels: message.number(2),
            groups: message.number(10),
            size: pair(message, 20)?,
            stride: pair(message, 30)?,
            rate: pair(message, 40)?,
            padding: padding(message)?,
            is_deconvolution: message.number(60) != 0,
            kernel: message.message(90)?,
            biases: message.message(91)?.filter(|_| has_bias),
        })
    }

    /// The convolution of a graph, from layer `source`; activations follow in other layers.
    ///
    /// # Errors
    /// A mismatch where it is none of those that DeepLab networks are made of.
    pub(super) fn in_graph(&self, source: usize) -> Result<Conv> {
        let number = |number: u64| usize::try_from(number).ok().filter(|number| *number > 0);
        let sizes = self
            .size
            .zip(number(self.outputs))
            .zip(number(self.kernel_channels));
        let Some(((size, outputs), kernel_channels)) = sizes.filter(|_| !self.is_deconvolution)
        else {
            return Err(mismatch(
                "a convolution",
                "one without a size, or transposed",
            ));
        };
        let depthwise = self.groups > 1;
        if depthwise && (self.groups != self.outputs || kernel_channels != 1) {
            return Err(mismatch(
                "convolutions over all channels or over each by itself",
                format!("{} groups of {kernel_channels} channels", self.groups),
            ));
        }
        let conv = Conv {
            depthwise,
            size,
            inputs: if depthwise { outputs } else { kernel_channels },
            outputs,
            stride: equal(self.stride)?,
            rate: equal(self.rate)?,
            activation: Activation::None,
            source,
        };
        if !self.pads_like_tensorflow(&conv) {
            return Err(mismatch(
                "convolutions padded to the same size, an odd zero at the end",
                format!("{:?} around {size:?} at rate {}", self.padding, conv.rate),
            ));
        }
        Ok(conv)
    }

    /// Whether the padding is TensorFlow's SAME: asked for as such, or by the amounts that it has
    /// for a stride of 1.
    fn pads_like_tensorflow(&self, conv: &Conv) -> bool {
        let reach = conv
            .size
            .map(|side| (side as u64 - 1).saturating_mul(conv.rate as u64));
        let wanted = reach.map(|reach| [reach / 2, reach - reach / 2]);
        match &self.padding {
            Padding::Same => true,
            Padding::Amounts(amounts) if reach == [0, 0] => {
                amounts.iter().all(|edges| *edges == [0, 0])
            }
            Padding::Amounts(amounts) => conv.stride == 1 && *amounts == wanted,
            Padding::Other => false,
        }
    }
}

fn padding(message: Message) -> std::result::Result<Padding, Malformed> {
    const VALID: u64 = 50;
    const SAME: u64 = 51;
    const ODD_ZERO_AT_THE_END: u64 = 0;
    if let Some(same) = message.message(SAME)? {
        return Ok(match same.number(1) {
            ODD_ZERO_AT_THE_END => Padding::Same,
            _ => Padding::Other,
        });
    }
    let valid = message.message(VALID)?.unwrap_or_default();
    let amounts = valid.message(1)?.map_or(Ok(Vec::new()), borders)?;
    Ok(Padding::Amounts(amounts))
}

/// A stride or a rate, the same down and across.
fn equal(steps: Option<[usize; 2]>) -> Result<usize> {
    match steps {
        Some([down, across]) if down == across && down <= 1024 => Ok(down),
        _ => Err(mismatch(
            "equal strides and rates down and across",
            format!("{steps:?}"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depthwise(stride: usize, padding: Padding) -> Convolution<'static> {
        Convolution {
            outputs: 8,
            kernel_channels: 1,
            groups: 8,
            size: Some([3, 3]),
            stride: Some([stride; 2]),
            rate: Some([2, 2]),
            padding,
            is_deconvolution: false,
            kernel: None,
            biases: None,
        }
    }

    #[test]
    fn padding_by_the_reach_of_the_kernel_is_tensorflows() {
        let padded = |stride, down, across| {
            let padding = Padding::Amounts(vec![[down, down], [across, across]]);
            depthwise(stride, padding).in_graph(5)
        };
        let conv = padded(1, 2, 2).unwrap();
        assert!(conv.depthwise && conv.inputs == 8 && conv.source == 5);
        assert_eq!((conv.stride, conv.rate), (1, 2));
        assert!(padded(1, 2, 1).is_err());
        assert!(padded(1, 0, 0).is_err());
        assert!(padded(2, 2, 2).is_err(), "right for odd sizes alone");
        assert!(
            depthwise(1, Padding::Amounts(Vec::new()))
                .in_graph(5)
                .is_err()
        );
    }

    #[test]
    fn same_padding_may_not_begin_with_the_odd_zero() {
        let conv = depthwise(2, Padding::Same).in_graph(0);
        assert_eq!(conv.map(|conv| conv.stride), Ok(2));
        assert!(depthwise(2, Padding::Other).in_graph(0).is_err());
    }

    #[test]
    fn other_convolutions_are_refused() {
        let same = || depthwise(1, Padding::Same);
        let refused = |conv: Convolution| assert!(conv.in_graph(0).is_err(), "{conv:?}");
        refused(Convolution {
            groups: 2,
            ..same()
        });
        refused(Convolution {
            outputs: 0,
            ..same()
        });
        refused(Convolution {
            rate: Some([2, 1]),
            ..same()
        });
        refused(Convolution {
            size: None,
            ..same()
        });
        refused(Convolution {
            is_deconvolution: true,
            ..same()
        });
    }
}

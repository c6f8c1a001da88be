//! What graphs are made of.

use super::Result;

/// What follows a convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::weights) enum Activation {
    None,
    Relu,
    Relu6,
    Other,
}

/// A convolution; its constants are asked for by `source`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::weights) struct Conv {
    pub(in crate::weights) depthwise: bool,
    /// Height and width of the kernel.
    pub(in crate::weights) size: [usize; 2],
    pub(in crate::weights) inputs: usize,
    pub(in crate::weights) outputs: usize,
    pub(in crate::weights) stride: usize,
    pub(in crate::weights) rate: usize,
    pub(in crate::weights) activation: Activation,
    /// The operation's number in its file.
    pub(in crate::weights) source: usize,
}

impl Conv {
    /// Whether it is a full convolution of one pixel with this activation.
    pub(super) fn is_pointwise(&self, activation: Activation) -> bool {
        self.is_full(1, activation) && self.stride == 1
    }

    /// Whether it is a full convolution with a square kernel of this side and this activation.
    pub(super) fn is_full(&self, side: usize, activation: Activation) -> bool {
        !self.depthwise && self.size == [side; 2] && self.activation == activation
    }

    /// Whether it is a depthwise convolution with a square kernel of this side and this activation.
    pub(super) fn is_depthwise(&self, side: usize, activation: Activation) -> bool {
        self.depthwise && self.size == [side; 2] && self.activation == activation
    }
}

/// Height and width of a sliding window, and of its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::weights) struct Window {
    pub(in crate::weights) size: [usize; 2],
    pub(in crate::weights) stride: [usize; 2],
}

/// `value * scale + shift`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::weights) struct Affine {
    pub(in crate::weights) scale: f32,
    pub(in crate::weights) shift: f32,
}

impl Affine {
    /// What leaves every value as it is.
    pub(in crate::weights) const IDENTITY: Self = Self {
        scale: 1.0,
        shift: 0.0,
    };

    /// This, and `next` of what comes out.
    pub(super) fn then(self, next: Self) -> Self {
        Self {
            scale: self.scale * next.scale,
            shift: self.shift * next.scale + next.shift,
        }
    }

    /// What becomes of `value`.
    pub(super) fn of(self, value: f32) -> f32 {
        value * self.scale + self.shift
    }
}

/// What a layer does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::weights) enum What {
    Conv(Conv),
    /// Average over windows without padding, or over everything.
    Pool(Option<Window>),
    Add,
    Concatenation,
    /// Bilinear, to a height and a width where they are known; with the corners aligned or not.
    Resize {
        aligned: bool,
        size: Option<[usize; 2]>,
    },
    /// Copies beside each other.
    Tile,
    Affine(Affine),
    /// What comes after the logits, or is not known.
    Other,
}

/// A layer between tensors, which are known by their number.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::weights) struct Layer {
    pub(in crate::weights) what: What,
    pub(in crate::weights) inputs: Vec<usize>,
    pub(in crate::weights) output: usize,
}

/// Kernels and biases of a file, as floating point numbers.
pub(in crate::weights) trait Constants {
    /// The kernel of `conv`: `[h, w, in, out]`, or `[h, w, c, 1]` if it is depthwise.
    ///
    /// # Errors
    /// A [`Mismatch`](super::Mismatch) where the file has no such numbers, or not as many.
    fn kernel(&self, conv: &Conv) -> Result<Vec<f32>>;

    /// The biases of `conv`, one a channel; zeros where it has none.
    ///
    /// # Errors
    /// A [`Mismatch`](super::Mismatch) where the file has no such numbers, or not as many.
    fn biases(&self, conv: &Conv) -> Result<Vec<f32>>;
}

/// A network's layers and constants.
pub(in crate::weights) struct Graph<'a> {
    pub(in crate::weights) layers: Vec<Layer>,
    /// The tensor that the image is.
    pub(in crate::weights) image: usize,
    /// Height and width of the image.
    pub(in crate::weights) image_size: [usize; 2],
    /// What pixel values from 0 to 255 are in that tensor; `None` where the file does not say.
    pub(in crate::weights) pixels: Option<Affine>,
    pub(in crate::weights) constants: &'a dyn Constants,
}

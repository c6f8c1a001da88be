//! Makes a network's variables and keeps the list of them.

use burn::module::{Param, ParamId, RunningState};
use burn::tensor::{Device, Tensor, TensorData};

use super::initializer::Initializer;
use super::kernel_layout::to_network;
use super::random::SplitMix;
use super::variable::{Kind, Normalised, Variable};

/// Which values fresh variables get.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fill {
    /// Drawn by each variable's initialiser, from its name and this seed.
    Seed(u64),
    /// Kernels zero, the rest at its constant: for a network about to be given its weights.
    Constants,
}

/// What follows the convolutions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Batch norm, as trained.
    BatchNorm,
    /// Batch norm folded into kernel and bias, as predicted with.
    Folded,
}

/// Makes variables under their TensorFlow names.
#[derive(Debug)]
pub(crate) struct Builder {
    device: Device,
    fill: Fill,
    layout: Layout,
    variables: Vec<Variable>,
}

impl Builder {
    pub(crate) fn new(device: &Device, fill: Fill, layout: Layout) -> Self {
        Self {
            device: device.clone(),
            fill,
            layout,
            variables: Vec::new(),
        }
    }

    pub(crate) fn layout(&self) -> Layout {
        self.layout
    }

    /// Every variable made, in order.
    pub(crate) fn finish(self) -> Vec<Variable> {
        self.variables
    }

    /// A kernel of TensorFlow shape `[kh, kw, in, out]`, or `[kh, kw, channels, 1]` if depthwise.
    pub(crate) fn kernel(
        &mut self,
        scope: &str,
        kind: Kind,
        shape: [usize; 4],
        initializer: Initializer,
    ) -> Param<Tensor<4>> {
        let name = format!("{scope}/{}", kind.leaf());
        let values = match self.fill {
            Fill::Seed(seed) => initializer.fill(&shape, SplitMix::named(seed, &name)),
            Fill::Constants => vec![0.0; shape.iter().product()],
        };
        let (shape_here, values) = to_network(kind, &shape, &values);
        let param = Param::from_data(TensorData::new(values, shape_here), &self.device);
        self.list(name, kind, shape.to_vec(), param.id, None);
        param
    }

    /// A trained value for each channel; of a batch norm if it is one of what is `normalised`.
    pub(crate) fn vector(
        &mut self,
        scope: &str,
        kind: Kind,
        channels: usize,
        value: f32,
        normalised: Option<&Normalised>,
    ) -> Param<Tensor<1>> {
        let values = TensorData::new(vec![value; channels], [channels]);
        let param = Param::from_data(values, &self.device);
        let name = format!("{scope}/{}", kind.leaf());
        self.list(name, kind, vec![channels], param.id, normalised);
        param
    }

    /// A moving statistic for each channel.
    pub(crate) fn statistic(
        &mut self,
        scope: &str,
        kind: Kind,
        channels: usize,
        value: f32,
        normalised: &Normalised,
    ) -> RunningState<Tensor<1>> {
        let id = ParamId::new();
        let values = TensorData::new(vec![value; channels], [channels]);
        let name = format!("{scope}/{}", kind.leaf());
        self.list(name, kind, vec![channels], id, Some(normalised));
        RunningState::with_id(id, Tensor::from_data(values, &self.device))
    }

    fn list(
        &mut self,
        name: String,
        kind: Kind,
        shape: Vec<usize>,
        id: ParamId,
        normalised: Option<&Normalised>,
    ) {
        self.variables.push(Variable {
            name,
            kind,
            shape,
            id,
            normalised: normalised.cloned(),
        });
    }
}

//! The constants of a graph that are a network's variables.

use std::collections::BTreeMap;

use super::constant::Fault;
use super::convolution::Convolution;
use super::graph::Graph;
use super::messages::{Constant, Node};
use crate::limits::Limits;
use crate::weights::{NamedTensor, TensorSet};

/// What variables are called under their scope.
const LEAVES: [&str; 8] = [
    "weights",
    "depthwise_weights",
    "pointwise_weights",
    "biases",
    "gamma",
    "beta",
    "moving_mean",
    "moving_variance",
];

/// The small number under the root of a batch norm that does not say it (the operation's default).
const USUAL_EPSILON: f64 = 1e-4;

/// How many values may stand in the file only as "and so on".
const SPARE_VALUES: usize = 1 << 22;

/// What a graph holds of a network's variables.
#[derive(Debug, Default)]
pub(super) struct Variables {
    pub(super) tensors: TensorSet,
    /// The small number under the root of each batch norm, by its scope.
    pub(super) epsilons: BTreeMap<String, f64>,
}

/// Reads the variables, by their names; and the vectors behind convolutions whose batch norm a
/// converter has folded, whatever they are called.
///
/// # Errors
/// The name of a constant and why it has no values.
pub(super) fn read(
    graph: &Graph,
    convolutions: &BTreeMap<&str, Convolution>,
    limits: &Limits,
) -> Result<Variables, (String, Fault)> {
    let mut reader = Reader {
        variables: Variables::default(),
        spare: SPARE_VALUES,
        limits,
    };
    for node in graph.nodes() {
        let leaf = node.name.rsplit('/').next().unwrap_or_default();
        if let Some(value) = node.value().filter(|_| LEAVES.contains(&leaf)) {
            reader.take(node.name, value)?;
        }
    }
    reader.epsilons(graph);
    let affine = convolutions.iter().map(|(scope, convolution)| {
        let leaf = if convolution.depthwise {
            "depthwise_weights"
        } else {
            "weights"
        };
        reader.take_once(&format!("{scope}/{leaf}"), convolution.kernel)?;
        Ok(affine_behind(graph, convolution).map(|affine| (*scope, affine)))
    });
    let affine: Vec<_> = affine.collect::<Result<_, _>>()?;
    let affine: Vec<_> = affine.into_iter().flatten().collect();
    // With batch norm anywhere else, or a factor, a folded one becomes a batch norm again.
    let as_norm = !reader.variables.epsilons.is_empty()
        || affine.iter().any(|(_, affine)| affine.factor.is_some());
    for (scope, affine) in affine {
        reader.put(scope, &affine, as_norm)?;
    }
    Ok(reader.variables)
}

/// Constants behind a convolution: a factor for each channel, and what is added.
struct Affine<'a> {
    factor: Option<(&'a str, &'a Constant<'a>)>,
    offset: (&'a str, &'a Constant<'a>),
}

struct Reader<'a> {
    variables: Variables,
    spare: usize,
    limits: &'a Limits,
}

impl Reader<'_> {
    fn values(
        &mut self,
        name: &str,
        value: &Constant,
    ) -> Result<Option<NamedTensor>, (String, Fault)> {
        value
            .floats(self.limits.tensor_values, &mut self.spare)
            .map_err(|fault| (name.to_owned(), fault))
    }

    fn take(&mut self, name: &str, value: &Constant) -> Result<(), (String, Fault)> {
        if let Some(tensor) = self.values(name, value)? {
            self.variables
                .tensors
                .insert(name, tensor.shape, tensor.values);
        }
        Ok(())
    }

    /// Takes a kernel, unless it was there under one of the usual names.
    fn take_once(&mut self, name: &str, value: &Constant) -> Result<(), (String, Fault)> {
        let scope = name.rsplit_once('/').map_or(name, |(scope, _)| scope);
        let known = ["weights", "depthwise_weights", "pointwise_weights"];
        let there = |leaf: &&str| {
            self.variables
                .tensors
                .get(&format!("{scope}/{leaf}"))
                .is_some()
        };
        if known.iter().any(there) {
            return Ok(());
        }
        self.take(name, value)
    }

    /// The number under the root: an attribute, or a constant where the norm is several nodes.
    fn epsilons(&mut self, graph: &Graph) {
        for node in graph.nodes() {
            if node.is_batch_norm()
                && let Some((name, _)) = graph.constant(node, 1)
                && let Some(scope) = name.strip_suffix("/gamma")
            {
                let epsilon = node
                    .attributes
                    .get("epsilon")
                    .and_then(|epsilon| epsilon.float);
                let epsilon = epsilon.map_or(USUAL_EPSILON, f64::from);
                self.variables.epsilons.insert(scope.to_owned(), epsilon);
            }
            if let Some(scope) = node.name.strip_suffix("/batchnorm/add/y")
                && let Some(value) = node.value()
                && let Ok(Some(epsilon)) = value.floats(1, &mut self.spare)
                && let [epsilon] = epsilon.values[..]
            {
                self.variables
                    .epsilons
                    .insert(scope.to_owned(), f64::from(epsilon));
            }
        }
    }

    /// Puts what stands behind the convolution in `scope` among the variables: as its biases, or
    /// as a batch norm that does just this.
    fn put(&mut self, scope: &str, affine: &Affine, as_norm: bool) -> Result<(), (String, Fault)> {
        let (name, offset) = affine.offset;
        let Some(offset) = self.values(name, offset)? else {
            return Ok(());
        };
        if !as_norm {
            let name = format!("{scope}/biases");
            self.variables
                .tensors
                .insert(name, offset.shape, offset.values);
            return Ok(());
        }
        let count = offset.values.len();
        let factor = match affine.factor {
            Some((name, factor)) => self.values(name, factor)?.map(|factor| factor.values),
            None => None,
        };
        let factor = factor.unwrap_or_else(|| vec![1.0; count]);
        // Mean 0, and a variance that is 1 together with the number under the root.
        let parts = [
            ("gamma", factor),
            ("beta", offset.values),
            ("moving_mean", vec![0.0; count]),
            ("moving_variance", vec![1.0; count]),
        ];
        for (leaf, values) in parts {
            let name = format!("{scope}/BatchNorm/{leaf}");
            self.variables
                .tensors
                .insert(name, vec![values.len()], values);
        }
        self.variables
            .epsilons
            .insert(format!("{scope}/BatchNorm"), 0.0);
        Ok(())
    }
}

/// The constants behind a convolution that are no variables themselves.
fn affine_behind<'a>(graph: &'a Graph<'a>, convolution: &Convolution<'a>) -> Option<Affine<'a>> {
    let (channels, _) = convolution.kernel.shape.known()?;
    let channels = *channels.get(if convolution.depthwise { 2 } else { 3 })?;
    let mut factor = None;
    let mut next = convolution.result;
    for _ in 0..2 {
        let takers = graph.takers(next);
        let [taker] = takers.as_slice() else {
            return None;
        };
        let (name, vector) = vector_into(graph, taker, channels)?;
        match taker.op {
            "Mul" => factor = Some((name, vector)),
            "BiasAdd" | "Add" | "AddV2" => {
                let is_variable = name.ends_with("/biases");
                return (!is_variable).then_some(Affine {
                    factor,
                    offset: (name, vector),
                });
            }
            _ => return None,
        }
        next = taker;
    }
    None
}

/// The constant vector of `channels` numbers among the inputs of `node`.
fn vector_into<'a>(
    graph: &'a Graph<'a>,
    node: &'a Node<'a>,
    channels: usize,
) -> Option<(&'a str, &'a Constant<'a>)> {
    [1, 0]
        .into_iter()
        .filter_map(|place| graph.constant(node, place))
        .find(|(_, constant)| {
            constant
                .shape
                .known()
                .is_some_and(|(shape, _)| shape == [channels])
        })
}

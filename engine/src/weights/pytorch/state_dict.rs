//! The tensors of a checkpoint, by name, wherever in it they lie.

use super::fault::{Fault, Result, SAVE_THE_WEIGHTS, check};
use super::object::{Id, Object, Pickle, Tensor};
use crate::limits::Limits;

/// Keys under which training programs keep the weights, beside the optimizer's state and the like.
const KEYS: [&str; 6] = [
    "state_dict",
    "model_state_dict",
    "model_state",
    "model",
    "net",
    "network",
];

/// What wrappers (data parallelism, compilation, trainers) put before every name.
const PREFIXES: [&str; 4] = ["module.", "_orig_mod.", "model.", "net."];

/// The tensors by name, in the file's order; and the names of what is no tensor.
#[derive(Debug)]
pub(super) struct StateDict<'p, 'a> {
    pub(super) tensors: Vec<(String, &'p Tensor<'a>)>,
    pub(super) others: Vec<String>,
}

impl<'p, 'a> StateDict<'p, 'a> {
    /// Finds it in a checkpoint: the whole of it, or what stands under one of [`KEYS`].
    pub(super) fn find(pickle: &'p Pickle<'a>, limits: &Limits) -> Result<Self> {
        let mut found = pickle.root();
        for _ in 0..limits.depth {
            let Object::Dict(dict) = found else {
                break;
            };
            let inner = KEYS.iter().find_map(|key| {
                let value = pickle.value(dict, key)?;
                matches!(value, Object::Dict(_)).then_some(value)
            });
            match inner {
                Some(inner) => found = inner,
                None => return Self::of(pickle, dict, limits),
            }
        }
        let found = "something else than a dictionary of tensors".to_owned();
        Err(Fault::Other(found, SAVE_THE_WEIGHTS))
    }

    fn of(pickle: &'p Pickle<'a>, dict: &[(Id, Id)], limits: &Limits) -> Result<Self> {
        let count = dict.len() as u64;
        check("the number of tensors", count, limits.tensors as u64)?;
        let mut state = Self {
            tensors: Vec::new(),
            others: Vec::new(),
        };
        for (key, value) in dict {
            let Object::Text(name) = pickle.get(*key) else {
                continue;
            };
            match pickle.get(*value) {
                Object::Tensor(tensor) => state.tensors.push(((*name).to_owned(), tensor)),
                _ => state.others.push((*name).to_owned()),
            }
        }
        if state.tensors.is_empty() {
            let keys = state.others.iter().take(5).map(String::as_str);
            let keys = keys.collect::<Vec<_>>().join(", ");
            let found = format!("a dictionary without tensors (its keys: {keys})");
            return Err(Fault::Other(found, SAVE_THE_WEIGHTS));
        }
        state.strip_prefixes();
        Ok(state)
    }

    /// Takes off what stands before every tensor's name.
    fn strip_prefixes(&mut self) {
        let is_everywhere = |prefix: &&str| {
            self.tensors
                .iter()
                .all(|(name, _)| name.starts_with(*prefix))
        };
        let Some(prefix) = PREFIXES.into_iter().find(is_everywhere) else {
            return;
        };
        let strip = |name: &mut String| {
            if let Some(rest) = name.strip_prefix(prefix) {
                *name = rest.to_owned();
            }
        };
        self.tensors.iter_mut().for_each(|(name, _)| strip(name));
        self.others.iter_mut().for_each(strip);
        self.strip_prefixes();
    }
}

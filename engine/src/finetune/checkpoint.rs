//! A run that can be taken up again: weights, momentum and step, in one file written whole.
//!
//! The file is safetensors: the variables under their TensorFlow names and layouts, the momentum as
//! `<variable>/Momentum` (flat, in the network's own layout), step and best score in the header.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView, serialize};

use crate::atomic_file::write_bytes;
use crate::error::{Error, Result};
use crate::limits::{Limits, read_file};
use crate::weights::TensorSet;

const MOMENTUM: &str = "/Momentum";

/// Where a run stands.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Checkpoint {
    /// Steps done.
    pub step: u64,
    /// All variables of the network.
    pub variables: TensorSet,
    /// The momentum by variable.
    pub momentum: BTreeMap<String, Vec<f32>>,
}

impl Checkpoint {
    /// Writes the checkpoint.
    ///
    /// # Errors
    /// [`Error::Io`] when the file can't be written; the old one stays then.
    pub(super) fn save(&self, path: &Path) -> Result<()> {
        let variables =
            self.variables.tensors.iter().map(|(name, tensor)| {
                (name.clone(), tensor.shape.clone(), to_bytes(&tensor.values))
            });
        let momentum = self.momentum.iter().map(|(name, values)| {
            (
                format!("{name}{MOMENTUM}"),
                vec![values.len()],
                to_bytes(values),
            )
        });
        let tensors: Vec<_> = variables.chain(momentum).collect();
        let views = tensors
            .iter()
            .map(|(name, shape, bytes)| {
                Ok((name, TensorView::new(Dtype::F32, shape.clone(), bytes)?))
            })
            .collect::<Result<Vec<_>, safetensors::SafeTensorError>>();
        let header = HashMap::from([("step".to_owned(), self.step.to_string())]);
        let bytes = views
            .and_then(|views| serialize(views, Some(header)))
            .map_err(|error| Error::io(path, "writing")(std::io::Error::other(error)))?;
        write_bytes(path, &bytes)
    }

    /// Reads a checkpoint.
    ///
    /// # Errors
    /// [`Error::File`] when it is none, [`Error::Limit`] when it is too large.
    pub(super) fn load(path: &Path, limits: &Limits) -> Result<Self> {
        let bytes = read_file(path, limits)?;
        let broken = |found: String| {
            let advice = "Delete the run's folder to train from the start.";
            Error::file(path, "a checkpoint of a run", found, advice)
        };
        let (_, header) =
            SafeTensors::read_metadata(&bytes).map_err(|error| broken(error.to_string()))?;
        let step = header
            .metadata()
            .as_ref()
            .and_then(|metadata| metadata.get("step")?.parse().ok())
            .ok_or_else(|| broken("no step in its header".into()))?;
        let file = SafeTensors::deserialize(&bytes).map_err(|error| broken(error.to_string()))?;
        let mut checkpoint = Self {
            step,
            ..Self::default()
        };
        for (name, tensor) in file.iter() {
            if tensor.dtype() != Dtype::F32 {
                return Err(broken(format!("{name} as {:?}", tensor.dtype())));
            }
            let values = floats(tensor.data());
            match name.strip_suffix(MOMENTUM) {
                Some(name) => {
                    checkpoint.momentum.insert(name.to_owned(), values);
                }
                None => checkpoint
                    .variables
                    .insert(name, tensor.shape().to_vec(), values),
            }
        }
        Ok(checkpoint)
    }
}

/// Little-endian bytes, as safetensors wants them.
fn to_bytes(values: &[f32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes
        .as_chunks()
        .0
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_comes_back_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint.safetensors");
        let mut checkpoint = Checkpoint {
            step: 17,
            ..Checkpoint::default()
        };
        checkpoint
            .variables
            .insert("a/weights", vec![1, 2], vec![0.5, -1.0]);
        checkpoint
            .momentum
            .insert("a/weights".into(), vec![3.0, 4.0]);
        checkpoint.save(&path).unwrap();
        assert_eq!(
            Checkpoint::load(&path, &Limits::default()).unwrap(),
            checkpoint
        );
    }

    #[test]
    fn what_is_no_checkpoint_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint.safetensors");
        for bytes in [&b""[..], b"not safetensors", &[0xff; 64]] {
            std::fs::write(&path, bytes).unwrap();
            let error = Checkpoint::load(&path, &Limits::default()).unwrap_err();
            assert!(
                error.to_string().contains("a checkpoint of a run"),
                "{error}"
            );
        }
        let limits = Limits {
            file_bytes: 10,
            ..Limits::default()
        };
        let error = Checkpoint::load(&path, &limits).unwrap_err();
        assert!(matches!(error, Error::Limit { .. }), "{error}");
    }
}

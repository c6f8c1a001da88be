//! Our own model files: safetensors whose header says all there is to know of the model.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;

use atrous_palettes::Palette;
use burn::tensor::Device;
use half::f16;
use safetensors::{Dtype, View};
use serde::{Deserialize, Serialize};

use super::tensor_file::{HEADER_KEY, TensorFile};
use super::{Model, ModelInfo, NamedTensor, collect};
use crate::atomic_file::write_bytes;
use crate::error::{Error, Result};
use crate::network::Config;

/// The header's layout; a reader refuses newer ones.
const VERSION: u32 = 1;

/// How precisely the weights are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Storage {
    /// Bit for bit.
    #[default]
    Float32,
    /// Kernels at half precision, half the size; the rest, where small numbers count, as it is.
    Float16,
}

/// What the header says, as JSON under one key of the safetensors metadata.
#[derive(Serialize, Deserialize)]
struct Header {
    version: u32,
    #[serde(flatten)]
    info: ModelInfo,
    network: Config,
    palette: Palette,
}

impl Model {
    /// Writes the model, complete in itself, whole or not at all.
    ///
    /// # Errors
    /// [`Error::Io`] when the file can't be written, [`Error::Machine`] when the weights can't be
    /// read from the device.
    pub fn save(&self, path: &Path) -> Result<()> {
        write_bytes(path, &self.to_bytes(Storage::Float32)?)
    }

    /// The bytes of a model file. The same model gives the same bytes.
    ///
    /// # Errors
    /// [`Error::Machine`] when the weights can't be read from the device or don't serialise.
    pub fn to_bytes(&self, storage: Storage) -> Result<Vec<u8>> {
        let header = Header {
            version: VERSION,
            info: self.info.clone(),
            network: self.config().clone(),
            palette: self.palette.clone(),
        };
        let fault = |error: String| {
            Error::machine("writing the model as safetensors", error, "Report this.")
        };
        let header = serde_json::to_string(&header).map_err(|error| fault(error.to_string()))?;
        let metadata = HashMap::from([(HEADER_KEY.to_owned(), header)]);
        let tensors = collect(&self.network)?.tensors;
        let stored = tensors
            .iter()
            .map(|(name, tensor)| (name, Stored { tensor, storage }));
        safetensors::serialize(stored, Some(metadata)).map_err(|error| fault(error.to_string()))
    }
}

/// A model from our own file, whose `header` has been found.
///
/// # Errors
/// [`Error::File`] when the header is not ours, is newer, or does not fit the tensors.
pub(super) fn read(path: &Path, file: TensorFile, header: &str, device: &Device) -> Result<Model> {
    let header: Header = serde_json::from_str(header).map_err(|error| {
        let found = format!("an unreadable one ({error})");
        let advice = "It may have been written by a newer version: update Atrous.";
        Error::file(path, "a model header", found, advice)
    })?;
    if header.version > VERSION {
        return Err(Error::file(
            path,
            format!("a model header of version {VERSION} or older"),
            format!("version {}", header.version),
            "Update Atrous.",
        ));
    }
    let Header {
        info,
        network,
        palette,
        ..
    } = header;
    let mut model = Model::assemble(path, &network, &file.tensors, palette, info, device)?;
    model.accounting.unused.extend(file.others);
    Ok(model)
}

/// A tensor on its way into a file.
struct Stored<'a> {
    tensor: &'a NamedTensor,
    storage: Storage,
}

impl View for Stored<'_> {
    fn dtype(&self) -> Dtype {
        if self.storage == Storage::Float16 && self.tensor.shape.len() == 4 {
            Dtype::F16
        } else {
            Dtype::F32
        }
    }

    fn shape(&self) -> &[usize] {
        &self.tensor.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        let values = self.tensor.values.iter();
        Cow::Owned(match self.dtype() {
            Dtype::F16 => values
                .flat_map(|value| f16::from_f32(*value).to_le_bytes())
                .collect(),
            _ => values.flat_map(|value| value.to_le_bytes()).collect(),
        })
    }

    fn data_len(&self) -> usize {
        self.tensor.values.len() * self.dtype().bitsize() / 8
    }
}

//! Reading safetensors: a header with names, types and shapes, then the values.

use std::path::Path;

use half::{bf16, f16};
use safetensors::tensor::Metadata;
use safetensors::{Dtype, SafeTensors};

use super::TensorSet;
use super::numbers::each;
use crate::error::{Error, Result};
use crate::limits::{Limits, check_limit};

/// What a safetensors file holds.
#[derive(Debug)]
pub(super) struct TensorFile {
    /// The tensors of floating point numbers, as float32, without `:0` behind their names.
    pub(super) tensors: TensorSet,
    /// Names of the others: counters, strings.
    pub(super) others: Vec<String>,
    /// The text under our key in the header, where our own program wrote the file.
    pub(super) header: Option<String>,
}

/// The key of the header's metadata that holds all we say of a model.
pub(super) const HEADER_KEY: &str = "atrous";

/// Whether `bytes` look like a safetensors file: a header's length, then a JSON object.
pub(super) fn is_safetensors(bytes: &[u8]) -> bool {
    bytes.get(8) == Some(&b'{')
        && bytes
            .first_chunk()
            .is_some_and(|length| u64::from_le_bytes(*length) < 100_000_000)
}

/// Whether `bytes` are a safetensors file that our own program wrote.
pub(super) fn is_ours(bytes: &[u8]) -> bool {
    is_safetensors(bytes)
        && SafeTensors::read_metadata(bytes)
            .is_ok_and(|(_, metadata)| header_of(&metadata).is_some())
}

/// The text under our key.
fn header_of(metadata: &Metadata) -> Option<&String> {
    metadata.metadata().as_ref()?.get(HEADER_KEY)
}

/// Reads tensors of float32, float64, float16 and bfloat16.
///
/// # Errors
/// [`Error::File`] when the header and the values don't agree, [`Error::Limit`] for too many
/// tensors or values.
pub(super) fn read(path: &Path, bytes: &[u8], limits: &Limits) -> Result<TensorFile> {
    let fault = |error: safetensors::SafeTensorError| {
        let found = format!("a damaged header or too few bytes ({error})");
        let advice = "Get the file again.";
        Error::file(path, "a whole safetensors file", found, advice)
    };
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(fault)?;
    let header = header_of(&metadata).cloned();
    let file = SafeTensors::deserialize(bytes).map_err(fault)?;
    let count = file.len() as u64;
    check_limit(path, "the number of tensors", count, limits.tensors as u64)?;
    let mut tensors = TensorSet::default();
    let mut others = Vec::new();
    for (name, view) in file.iter() {
        let name = name.strip_suffix(":0").unwrap_or(name);
        let count = view.shape().iter().product::<usize>() as u64;
        let limit = limits.tensor_values as u64;
        check_limit(path, "values in one tensor", count, limit)?;
        match floats(view.dtype(), view.data()) {
            Some(values) => tensors.insert(name, view.shape().to_vec(), values),
            None => others.push(name.to_owned()),
        }
    }
    others.sort();
    Ok(TensorFile {
        tensors,
        others,
        header,
    })
}

/// Little-endian numbers as float32, or `None` if they are no floating point numbers.
fn floats(dtype: Dtype, bytes: &[u8]) -> Option<Vec<f32>> {
    match dtype {
        Dtype::F32 => Some(each(bytes, f32::from_le_bytes)),
        Dtype::F16 => Some(each(bytes, |b| f16::from_le_bytes(b).to_f32())),
        Dtype::F64 => Some(each(bytes, |b| f64::from_le_bytes(b) as f32)),
        Dtype::BF16 => Some(each(bytes, |b| bf16::from_le_bytes(b).to_f32())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use safetensors::tensor::TensorView;

    use super::*;

    fn file(dtype: Dtype, bytes: &[u8], shape: &[usize]) -> Vec<u8> {
        let view = TensorView::new(dtype, shape.to_vec(), bytes).unwrap();
        safetensors::serialize([("logits/semantic/biases:0", view)], None).unwrap()
    }

    fn read_it(bytes: &[u8]) -> Result<TensorFile> {
        read(Path::new("weights.safetensors"), bytes, &Limits::default())
    }

    #[test]
    fn half_precision_becomes_single() {
        for (dtype, bytes) in [
            (Dtype::F32, [1.5_f32, -0.25].map(f32::to_le_bytes).concat()),
            (
                Dtype::F16,
                [1.5, -0.25]
                    .map(|v| f16::from_f32(v).to_le_bytes())
                    .concat(),
            ),
            (
                Dtype::BF16,
                [1.5, -0.25]
                    .map(|v| bf16::from_f32(v).to_le_bytes())
                    .concat(),
            ),
        ] {
            let read = read_it(&file(dtype, &bytes, &[2])).unwrap();
            let tensor = read.tensors.get("logits/semantic/biases").unwrap();
            assert_eq!(tensor.values, [1.5, -0.25], "{dtype:?}");
        }
    }

    #[test]
    fn whole_numbers_are_listed_apart() {
        let read = read_it(&file(Dtype::I64, &7_i64.to_le_bytes(), &[])).unwrap();
        assert!(read.tensors.is_empty());
        assert_eq!(read.others, ["logits/semantic/biases"]);
    }

    #[test]
    fn every_part_of_a_file_is_refused() {
        let whole = file(Dtype::F32, &[0; 24], &[2, 3]);
        for length in 0..whole.len() {
            assert!(read_it(&whole[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn limits_hold() {
        let bytes = file(Dtype::F32, &[0; 24], &[2, 3]);
        let limits = Limits {
            tensor_values: 5,
            ..Limits::default()
        };
        let error = read(Path::new("w"), &bytes, &limits).unwrap_err();
        assert!(matches!(error, Error::Limit { found: 6, .. }), "{error}");
    }
}

//! The tensors of a checkpoint, whole or put together from slices.

use std::path::Path;

use super::index::Index;
use super::messages::{Entry, Slice};
use super::shards::Shards;
use super::slice_key::slice_key;
use crate::error::{Error, Result};
use crate::limits::{Limits, check_limit};
use crate::weights::NamedTensor;

/// Reads the tensors that an index lists.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    path: &'a Path,
    index: &'a Index,
    limits: &'a Limits,
    shards: Shards<'a>,
}

impl<'a> Reader<'a> {
    /// For the checkpoint at `prefix`, whose `index` has the path `path`.
    pub(super) fn new(
        path: &'a Path,
        prefix: &'a Path,
        index: &'a Index,
        limits: &'a Limits,
    ) -> Self {
        Self {
            path,
            index,
            limits,
            shards: Shards::new(prefix, index.shards, limits),
        }
    }

    /// The tensor `name`, or `None` where it is no floating point numbers.
    ///
    /// # Errors
    /// [`Error::Io`] when a shard can't be read; [`Error::File`] when `entry` makes no sense or a
    /// shard does not hold it; [`Error::Limit`] when it is too large.
    pub(super) fn tensor(&mut self, name: &str, entry: &Entry) -> Result<Option<NamedTensor>> {
        let Some(width) = entry.dtype.float_width() else {
            return Ok(None);
        };
        let (shape, count) = self.shape(name, entry)?;
        if !entry.slices.is_empty() {
            return self.assemble(name, entry, shape).map(Some);
        }
        let size = usize::try_from(entry.size).ok();
        if size.is_none() || size != count.checked_mul(width) {
            let expected = format!("{count} values of {width} bytes for {name}");
            return Err(self.fault(expected, format!("{} bytes", entry.size)));
        }
        let bytes = self.shards.bytes(name, entry)?;
        let values = entry.dtype.floats(&bytes);
        Ok(Some(NamedTensor { shape, values }))
    }

    fn shape(&self, name: &str, entry: &Entry) -> Result<(Vec<usize>, usize)> {
        let (shape, count) = entry.shape.known().ok_or_else(|| {
            let found = format!("{:?}", entry.shape.sides);
            self.fault(format!("a shape for {name}"), found)
        })?;
        let limit = self.limits.tensor_values as u64;
        check_limit(self.path, "values in one tensor", count as u64, limit)?;
        Ok((shape, count))
    }

    /// A partitioned variable: slices along one dimension, end to end.
    fn assemble(&mut self, name: &str, entry: &Entry, shape: Vec<usize>) -> Result<NamedTensor> {
        let mut axis = None;
        let mut slices = Vec::new();
        for slice in &entry.slices {
            let part = part_of(slice, &shape, &mut axis).ok_or_else(|| {
                let expected = format!("slices of {name} along one dimension of {shape:?}");
                self.fault(expected, format!("{:?}", slice.extents))
            })?;
            slices.push((part, slice));
        }
        slices.sort_by_key(|(part, _)| part.start);
        let axis = axis.unwrap_or_default();
        let inner: usize = shape[axis + 1..].iter().product();
        let mut parts = Vec::new();
        let mut end = 0;
        for (part, slice) in slices {
            let mut of_part = shape.clone();
            of_part[axis] = part.len();
            let values = self.slice(name, slice, &of_part)?;
            if part.start != end {
                let found = format!("the next from {}", part.start);
                return Err(self.fault(format!("a slice of {name} from {end}"), found));
            }
            end = part.end;
            parts.push((part.len() * inner, values));
        }
        if end != shape[axis] {
            let found = format!("slices up to {end}");
            return Err(self.fault(format!("{} of {name}", shape[axis]), found));
        }
        Ok(NamedTensor {
            values: side_by_side(&parts, shape[..axis].iter().product()),
            shape,
        })
    }

    /// The values of a slice of `shape`.
    fn slice(&mut self, name: &str, slice: &Slice, shape: &[usize]) -> Result<Vec<f32>> {
        let stored = self.index.slices.get(&slice_key(name, slice));
        let tensor = match stored.filter(|stored| stored.slices.is_empty()) {
            Some(stored) => self.tensor(name, stored)?,
            None => None,
        };
        match tensor {
            Some(tensor) if tensor.shape == shape => Ok(tensor.values),
            other => {
                let found = other.map_or("none".to_owned(), |tensor| format!("{:?}", tensor.shape));
                Err(self.fault(format!("a slice of {name} of shape {shape:?}"), found))
            }
        }
    }

    fn fault(&self, expected: String, found: String) -> Error {
        Error::file(
            self.path,
            expected,
            found,
            "Get the checkpoint's files again.",
        )
    }
}

/// What `slice` takes of the one dimension that it does not take whole, which is `axis` if that is
/// known already.
fn part_of(
    slice: &Slice,
    shape: &[usize],
    axis: &mut Option<usize>,
) -> Option<std::ops::Range<usize>> {
    if slice.extents.len() != shape.len() || shape.contains(&0) {
        return None;
    }
    let mut partial = slice
        .extents
        .iter()
        .enumerate()
        .filter(|(_, extent)| extent.length.is_some());
    let (of, extent) = partial.next()?;
    if partial.next().is_some() || *axis.get_or_insert(of) != of {
        return None;
    }
    let start = usize::try_from(extent.start).ok()?;
    let end = start.checked_add(usize::try_from(extent.length?).ok()?)?;
    (end <= shape[of]).then_some(start..end)
}

/// `count` rows, each made of the next so many values of every part.
fn side_by_side(parts: &[(usize, Vec<f32>)], count: usize) -> Vec<f32> {
    let rows = (0..count).flat_map(|row| {
        parts
            .iter()
            .flat_map(move |(length, values)| &values[row * length..(row + 1) * length])
    });
    rows.copied().collect()
}

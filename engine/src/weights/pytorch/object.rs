//! What a pickle says, as far as weights need it.

use super::fault::{Fault, Result};

/// An object's place among those of its pickle. Objects refer to each other by place, so that
/// neither deep nesting nor a list within itself takes stack or time.
pub(super) type Id = u32;

/// An object of a pickle.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Object<'a> {
    None,
    Bool(bool),
    Int(i64),
    /// A number of more than 8 bytes: little-endian, two's complement.
    Long(&'a [u8]),
    Text(&'a str),
    Tuple(Vec<Id>),
    List(Vec<Id>),
    /// Keys and values; of equal keys the last counts.
    Dict(Vec<(Id, Id)>),
    Global(Global),
    Storage(Storage<'a>),
    Tensor(Tensor<'a>),
    /// Anything that a network has no use for: floats, bytes, sets, settings.
    Inert,
}

impl Object<'_> {
    /// How many items it took to make it.
    pub(super) fn items(&self) -> u64 {
        let items = match self {
            Self::Tuple(items) | Self::List(items) => items.len(),
            Self::Dict(entries) => entries.len(),
            Self::Tensor(tensor) => tensor.shape.len(),
            _ => 0,
        };
        items as u64
    }
}

/// The named things of Python that are understood. None is ever run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Global {
    OrderedDict,
    /// `torch._utils._rebuild_tensor` and its second version.
    RebuildTensor,
    /// `torch._utils._rebuild_parameter`
    RebuildParameter,
    /// `torch.Size`
    Size,
    /// `torch.FloatStorage` and its like.
    Storage(Number),
    /// What checkpoints carry beside tensors, and nobody reads.
    Inert,
}

impl Global {
    /// # Errors
    /// [`Fault::Global`] with the name of anything that is not known.
    pub(super) fn of(module: &str, name: &str) -> Result<Self> {
        Ok(match (module, name) {
            ("collections", "OrderedDict") => Self::OrderedDict,
            ("torch._utils", "_rebuild_tensor" | "_rebuild_tensor_v2") => Self::RebuildTensor,
            ("torch._utils", "_rebuild_parameter") => Self::RebuildParameter,
            ("torch", "Size") => Self::Size,
            ("torch" | "torch.cuda", storage) if storage.ends_with("Storage") => {
                Self::Storage(Number::of(storage).ok_or_else(|| unknown(module, name))?)
            }
            ("argparse", "Namespace")
            | ("collections", "Counter" | "defaultdict")
            | ("__builtin__" | "builtins", "set" | "frozenset" | "dict" | "list")
            | ("numpy", "dtype")
            | ("numpy.core.multiarray" | "numpy._core.multiarray", "scalar")
            | ("_codecs", "encode")
            | ("torch", "device") => Self::Inert,
            _ => return Err(unknown(module, name)),
        })
    }
}

fn unknown(module: &str, name: &str) -> Fault {
    // A hostile name may be as long as the file.
    let shorten = |part: &str| part.chars().take(80).collect::<String>();
    Fault::Global(format!("{}.{}", shorten(module), shorten(name)))
}

/// What a storage's numbers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Number {
    Float64,
    Float32,
    Float16,
    Bfloat16,
    /// Whole numbers and truth values of this many bytes.
    Whole(usize),
}

impl Number {
    fn of(storage: &str) -> Option<Self> {
        Some(match storage {
            "DoubleStorage" => Self::Float64,
            "FloatStorage" => Self::Float32,
            "HalfStorage" => Self::Float16,
            "BFloat16Storage" => Self::Bfloat16,
            "LongStorage" => Self::Whole(8),
            "IntStorage" => Self::Whole(4),
            "ShortStorage" => Self::Whole(2),
            "CharStorage" | "ByteStorage" | "BoolStorage" => Self::Whole(1),
            _ => return None,
        })
    }

    /// Bytes of one number.
    pub(super) fn bytes(self) -> usize {
        match self {
            Self::Float64 => 8,
            Self::Float32 => 4,
            Self::Float16 | Self::Bfloat16 => 2,
            Self::Whole(bytes) => bytes,
        }
    }
}

/// Where numbers lie: a member of the archive, or a piece of the file's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Storage<'a> {
    pub key: &'a str,
    pub number: Number,
    /// Numbers in it.
    pub length: u64,
    /// Where this view of it begins, in numbers.
    pub offset: u64,
}

/// A view of a storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tensor<'a> {
    pub storage: Storage<'a>,
    /// Where it begins in the storage, in numbers, beyond the storage's own offset.
    pub offset: u64,
    pub shape: Vec<u64>,
    /// Numbers from one place to the next, along each dimension.
    pub strides: Vec<u64>,
}

/// The objects of a pickle.
#[derive(Debug)]
pub(super) struct Pickle<'a> {
    pub(super) objects: Vec<Object<'a>>,
    pub(super) root: Id,
}

impl<'a> Pickle<'a> {
    pub(super) fn get(&self, id: Id) -> &Object<'a> {
        self.objects.get(id as usize).unwrap_or(&Object::None)
    }

    pub(super) fn root(&self) -> &Object<'a> {
        self.get(self.root)
    }

    /// The value of `key` in a dictionary.
    pub(super) fn value(&self, dict: &[(Id, Id)], key: &str) -> Option<&Object<'a>> {
        let mut entries = dict.iter().rev();
        let (_, value) = entries.find(|(k, _)| *self.get(*k) == Object::Text(key))?;
        Some(self.get(*value))
    }
}

//! The formats that models are read from: one list for the readers, their messages, help and
//! dialogs.

use super::{coreml, frozen_graph, pytorch, tensor_file, tflite};

/// A format that models are read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Our own file.
    Atrous,
    /// Tensors alone, under TensorFlow's or PyTorch's names.
    Safetensors,
    /// A mobile network of TensorFlow's, float or quantised.
    Tflite,
    /// A mobile network of Apple's, of the older kind.
    CoreMl,
    /// What `torch.save` wrote.
    PyTorch,
    /// A checkpoint of TensorFlow's, version 2.
    Checkpoint,
    /// A TensorFlow graph with its variables frozen into it.
    FrozenGraph,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Atrous,
        Self::Safetensors,
        Self::Tflite,
        Self::CoreMl,
        Self::PyTorch,
        Self::Checkpoint,
        Self::FrozenGraph,
    ];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Atrous => "Atrous' own model file",
            Self::Safetensors => "safetensors",
            Self::Tflite => "TFLite",
            Self::CoreMl => "Core ML neural network",
            Self::PyTorch => "PyTorch checkpoint",
            Self::Checkpoint => "TensorFlow checkpoint",
            Self::FrozenGraph => "frozen TensorFlow graph",
        }
    }

    /// What of it is read, where its name doesn't say.
    fn extent(self) -> &'static str {
        match self {
            Self::Safetensors => " with TensorFlow's or PyTorch's variable names",
            Self::Tflite => ", float or quantised",
            Self::PyTorch => ", or a Hugging Face folder",
            Self::Checkpoint => ", any of its files or its folder",
            Self::Atrous | Self::CoreMl | Self::FrozenGraph => "",
        }
    }

    /// How names of its files end.
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Atrous | Self::Safetensors => &["safetensors"],
            Self::Tflite => &["tflite"],
            Self::CoreMl => &["mlmodel"],
            Self::PyTorch => &["pth", "pt", "bin"],
            Self::Checkpoint => &["index"],
            Self::FrozenGraph => &["pb"],
        }
    }

    /// The format that the bytes of a file tell, if it is one of these. A checkpoint is several
    /// files, which are told by their names.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        if tflite::is_tflite(bytes) {
            Some(Self::Tflite)
        } else if coreml::is_coreml(bytes) {
            Some(Self::CoreMl)
        } else if tensor_file::is_ours(bytes) {
            Some(Self::Atrous)
        } else if tensor_file::is_safetensors(bytes) {
            Some(Self::Safetensors)
        } else if pytorch::is_checkpoint(bytes) {
            Some(Self::PyTorch)
        } else if frozen_graph::is_frozen_graph(bytes) {
            Some(Self::FrozenGraph)
        } else {
            None
        }
    }
}

/// All formats in a sentence: "a model: ... (.safetensors), ..., or a ... (.pb)".
pub fn formats_in_words() -> String {
    let named = Format::ALL.map(|format| {
        let endings: Vec<_> = format.endings().iter().map(|e| format!(".{e}")).collect();
        let (name, extent) = (format.name(), format.extent());
        format!("{name}{extent} ({})", endings.join(", "))
    });
    format!("a model: {}", named.join("; "))
}

/// The endings of all formats, each once.
pub fn model_endings() -> Vec<&'static str> {
    let mut endings: Vec<&str> = Vec::new();
    for ending in Format::ALL.iter().flat_map(|format| format.endings()) {
        if !endings.contains(ending) {
            endings.push(ending);
        }
    }
    endings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_name_every_format_and_every_ending() {
        let words = formats_in_words();
        for format in Format::ALL {
            assert!(words.contains(format.name()), "{words}");
        }
        let endings = model_endings();
        assert_eq!(
            endings,
            [
                "safetensors",
                "tflite",
                "mlmodel",
                "pth",
                "pt",
                "bin",
                "index",
                "pb"
            ]
        );
        assert!(endings.iter().all(|ending| words.contains(ending)));
    }

    #[test]
    fn bytes_that_are_none_of_them_are_none() {
        for bytes in [&b""[..], b"<!DOCTYPE html>", &[0x89, b'H', b'D', b'F']] {
            assert_eq!(Format::of(bytes), None);
        }
    }
}

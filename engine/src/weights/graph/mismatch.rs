//! Why a graph is not read.

/// Where a graph is none of the networks that are read.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::weights) struct Mismatch {
    pub(in crate::weights) expected: String,
    pub(in crate::weights) found: String,
    pub(in crate::weights) advice: String,
}

/// A part of a network, or where it differs.
pub(in crate::weights) type Result<T> = std::result::Result<T, Mismatch>;

/// A graph that differs from DeepLab at one place.
pub(in crate::weights) fn mismatch(
    expected: impl Into<String>,
    found: impl Into<String>,
) -> Mismatch {
    Mismatch {
        expected: expected.into(),
        found: found.into(),
        advice: "Of mobile formats, DeepLab on MobileNetV2 or MobileNet-EdgeTPU without a decoder \
                 is read; other networks from a TensorFlow checkpoint."
            .into(),
    }
}

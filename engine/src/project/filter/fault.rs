//! What is wrong with a filter.

use std::ops::Range;

/// A word of a filter that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{word}`: expected {expected}")]
pub struct Fault {
    /// Where it stands in the text, in bytes.
    pub span: Range<usize>,
    /// The word, or the part of it that is wrong.
    pub word: String,
    /// What would make sense there.
    pub expected: String,
}

//! What can be wrong with a palette.

use crate::palette::MAX_CLASSES;

/// Why a palette was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaletteError {
    /// Not TOML, or not the keys of a palette; the text names line and column.
    #[error("not a palette: {0}")]
    Syntax(String),
    /// A palette without a name can't be told from others.
    #[error("the palette has no name; give it one, as in name = \"street\"")]
    Unnamed,
    /// Nothing to label with.
    #[error("the palette has no classes; add at least one [[classes]]")]
    NoClasses,
    /// More classes than a label map can hold.
    #[error(
        "{0} classes, but a label map holds at most {MAX_CLASSES} (0 to 254; 255 is void); leave some out"
    )]
    TooManyClasses(usize),
    /// An index that no label map can hold.
    #[error(
        "class \"{name}\" has index {index}, but indices go from 0 to 254 (255 is void); choose another"
    )]
    IndexOutOfRange {
        /// The class at fault.
        name: String,
        /// Its index.
        index: i64,
    },
    /// Two classes claim one index.
    #[error("index {index} is given to both \"{first}\" and \"{second}\"; give each class its own")]
    DuplicateIndex {
        /// The index claimed twice.
        index: u8,
        /// The class that comes first in the file.
        first: String,
        /// The class that comes later.
        second: String,
    },
    /// The indices leave a gap.
    #[error(
        "no class has index {missing}, but {classes} classes need the indices 0 to {}; close the gap",
        classes - 1
    )]
    MissingIndex {
        /// The lowest index nobody has.
        missing: usize,
        /// How many classes there are.
        classes: usize,
    },
    /// A class without a name.
    #[error("the class with index {0} has no name; give it one, as in name = \"road\"")]
    EmptyName(usize),
    /// Two classes with one name.
    #[error("the classes {first} and {second} are both called \"{name}\"; rename one")]
    DuplicateName {
        /// The name used twice.
        name: String,
        /// The lower index.
        first: usize,
        /// The higher index.
        second: usize,
    },
    /// Two classes with one label id.
    #[error("the classes {first} and {second} both have label_id {label_id}; change one")]
    DuplicateLabelId {
        /// The label id used twice.
        label_id: i16,
        /// The lower index.
        first: usize,
        /// The higher index.
        second: usize,
    },
    /// The ignored class is none of the classes.
    #[error("ignored = {ignored}, but the class indices go from 0 to {last}; name one of them")]
    IgnoredOutOfRange {
        /// The index given.
        ignored: i64,
        /// The highest class index.
        last: usize,
    },
}

//! What may not be painted over.

/// A set of class indices: `set[class]` says whether the class is in it.
pub type ClassSet = [bool; 256];

/// Which pixels a gesture may change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protection {
    /// Locked classes neither lose a pixel nor gain one.
    pub locked: ClassSet,
    /// Where set, only pixels of these classes change.
    pub only_over: Option<ClassSet>,
}

impl Protection {
    /// Everything may change.
    pub const NONE: Self = Self {
        locked: [false; 256],
        only_over: None,
    };

    /// Whether a pixel may change from `old` to `new`.
    pub fn allows(&self, old: u8, new: u8) -> bool {
        let (old, new) = (usize::from(old), usize::from(new));
        !self.locked[old] && !self.locked[new] && self.only_over.is_none_or(|over| over[old])
    }

    /// Whether `value` may be painted over everything.
    pub(super) fn leaves_open(&self, value: u8) -> bool {
        self.table(value).iter().all(|new| *new == value)
    }

    /// What each value becomes when `value` is painted over it.
    pub(super) fn table(&self, value: u8) -> [u8; 256] {
        std::array::from_fn(|old| {
            let old = old as u8;
            if self.allows(old, value) { value } else { old }
        })
    }
}

impl Default for Protection {
    fn default() -> Self {
        Self::NONE
    }
}

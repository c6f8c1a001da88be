//! What is wrong inside a checkpoint's index.

/// Why bytes are no index, as it would stand behind "found".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Damage(pub(super) std::borrow::Cow<'static, str>);

pub(super) type Result<T> = std::result::Result<T, Damage>;

pub(super) fn damage(what: &'static str) -> Damage {
    Damage(what.into())
}

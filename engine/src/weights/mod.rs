//! Model files and foreign weights.

mod assign;
mod collect;
mod fold;
mod tensor_set;

pub use assign::{Accounting, assign};
pub use collect::collect;
pub use fold::{fold, unfold};
pub use tensor_set::{NamedTensor, TensorSet};

//! Model files and foreign weights.

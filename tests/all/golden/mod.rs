//! Networks against the golden data.

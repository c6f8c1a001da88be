//! Palettes against the golden data.

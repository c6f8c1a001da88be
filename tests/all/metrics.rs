//! Scores against the golden data.

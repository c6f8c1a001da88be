//! Training steps against the golden data.

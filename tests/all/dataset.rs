//! Real datasets in and out.

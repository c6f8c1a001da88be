//! Real datasets in and out.

mod export;
mod import;

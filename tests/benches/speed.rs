//! How fast the slow parts are.

fn main() {}

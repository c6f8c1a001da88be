//! Every fuzz target for a moment; `tests/fuzz` runs them for as long as one likes.

#[path = "../fuzz/driver/mod.rs"]
mod driver;

use std::time::Duration;

use driver::{TARGETS, run};

#[test]
fn no_reader_panics_on_damaged_files() {
    for target in TARGETS {
        let report = run(target, Duration::from_millis(300), 7);
        eprintln!("{:<24} {report}", target.name);
        // Other tests run meanwhile, in the same address space.
        let panic = report.findings.iter().find(|found| found.what == "a panic");
        let input = panic.map(|found| &found.input);
        assert!(input.is_none(), "{} panics on {input:?}", target.name);
    }
}

//! Feeds the readers of foreign files with damaged ones for as long as one likes.
//!
//! `cargo test --release --workspace --test fuzz -- TARGET MINUTES [SEED]` runs a target (`all` runs
//! each of them for that long), and says how many inputs a second it took and how much memory. An
//! input that made a reader panic, ask for a gigabyte or take seconds is saved;
//! `... --test fuzz -- TARGET FILE` feeds it again. The targets are in `driver/targets.rs`, one line
//! each. Arithmetic overflows count as panics with
//! `--config profile.release.package.atrous-engine.overflow-checks=true` after `cargo test`.

#![allow(missing_docs)]

mod driver;

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use driver::{TARGETS, Target, run};

/// Where inputs are saved that something was found with.
const FINDINGS: &str = env!("CARGO_TARGET_TMPDIR");

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some((targets, what)) = args
        .first()
        .and_then(|name| Some((named(name)?, args.get(1)?)))
    else {
        let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        eprintln!(
            "usage: TARGET|all MINUTES [SEED], or TARGET FILE\ntargets: {}",
            names.join(", ")
        );
        return ExitCode::FAILURE;
    };
    if let Ok(input) = std::fs::read(what) {
        let folder = std::env::temp_dir().join(format!("atrous-fuzz-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder for scratch files");
        targets
            .iter()
            .for_each(|target| (target.feed)(&input, &folder));
        return ExitCode::SUCCESS;
    }
    let Ok(minutes) = what.parse::<f64>() else {
        eprintln!("{what} is neither a file nor a number of minutes");
        return ExitCode::FAILURE;
    };
    let seed = args.get(2).and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let mut found = 0;
    for target in targets {
        let report = run(target, Duration::from_secs_f64(60.0 * minutes), seed);
        println!("{:<24} {report}", target.name);
        for (number, finding) in report.findings.iter().enumerate() {
            let path = Path::new(FINDINGS).join(format!("{}-{seed}-{number}.bin", target.name));
            std::fs::write(&path, &finding.input).expect("the input can be saved");
            println!("    {}: {}", finding.what, path.display());
        }
        found += report.findings.len();
    }
    ExitCode::from(u8::from(found > 0))
}

fn named(name: &str) -> Option<Vec<&'static Target>> {
    let of_name = |target: &&Target| name == "all" || target.name == name;
    let targets: Vec<_> = TARGETS.iter().filter(of_name).collect();
    (!targets.is_empty()).then_some(targets)
}

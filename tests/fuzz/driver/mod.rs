//! Runs readers on inputs that are made from good ones by damaging them.

mod archive;
mod checkpoint;
mod lean;
mod mutation;
mod project;
mod run;
mod seeds;
mod targets;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use atrous_engine::network::SplitMix;

pub use targets::{TARGETS, Target};

/// How much more memory than ever before one input may take.
const LARGE: u64 = 1 << 30;

/// How much of the processor's time one input may take; the clock on the wall says little where other
/// programs run.
const SLOW: Duration = Duration::from_secs(10);

/// What came of a run.
#[derive(Debug)]
pub struct Report {
    pub executions: u64,
    pub seconds: f64,
    /// The most address space that the process had, in bytes.
    pub peak: u64,
    pub findings: Vec<Finding>,
}

/// An input that a reader did not take well.
#[derive(Debug)]
pub struct Finding {
    pub input: Vec<u8>,
    pub what: String,
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rate = self.executions as f64 / self.seconds;
        let peak = self.peak >> 20;
        let findings = self.findings.len();
        write!(
            formatter,
            "{:>10} inputs, {rate:>8.0} a second, {peak} MiB of address space, {findings} findings",
            self.executions
        )
    }
}

/// Feeds `target` with damaged inputs for `duration`; the same seed gives the same inputs.
///
/// # Panics
/// When there is no room for scratch files.
pub fn run(target: &Target, duration: Duration, seed: u64) -> Report {
    let folder = tempfile::tempdir().expect("a folder for scratch files");
    let seeds = (target.seeds)();
    let mut random = SplitMix::named(seed, target.name);
    let mut report = Report {
        executions: 0,
        seconds: 0.0,
        peak: peak(),
        findings: Vec::new(),
    };
    // What is made once, at the first network, is no fault of an input's.
    seeds
        .iter()
        .for_each(|input| (target.feed)(input, folder.path()));
    report.peak = report.peak.max(peak());
    let start = Instant::now();
    while start.elapsed() < duration && !seeds.is_empty() && report.findings.len() < 20 {
        let input = mutation::damaged(&seeds, &mut random);
        let what = feed(target, &input, folder.path(), &mut report.peak);
        report
            .findings
            .extend(what.map(|what| Finding { input, what }));
        report.executions += 1;
    }
    report.seconds = start.elapsed().as_secs_f64();
    report
}

/// What is wrong with how the target takes `input`, if anything.
fn feed(target: &Target, input: &[u8], folder: &Path, before: &mut u64) -> Option<String> {
    let start = processor_time();
    let fed = catch_unwind(AssertUnwindSafe(|| (target.feed)(input, folder)));
    let took = processor_time().saturating_sub(start);
    let after = peak();
    let more = after.saturating_sub(*before);
    *before = after.max(*before);
    match fed {
        Err(_) => Some("a panic".to_owned()),
        Ok(()) if more > LARGE => Some(format!("{} MiB more", more >> 20)),
        Ok(()) if took > SLOW => Some(format!("{} seconds", took.as_secs())),
        Ok(()) => None,
    }
}

/// The processor's time that this process took so far; 0 where nobody says.
fn processor_time() -> Duration {
    /// Linux counts in these for programs.
    const TICKS_A_SECOND: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The program's name may hold anything; behind it, user and system time are the 12th and 13th.
    let behind = stat.rsplit_once(')').map_or("", |(_, behind)| behind);
    let ticks = behind.split_whitespace().skip(11).take(2);
    let ticks: f64 = ticks.filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    Duration::from_secs_f64(ticks / TICKS_A_SECOND)
}

/// The most address space that this process has had so far, in bytes; 0 where nobody says.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmPeak:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    number.unwrap_or_default() * 1024
}

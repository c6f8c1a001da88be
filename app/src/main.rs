//! The `atrous` program.

use std::process::ExitCode;

use atrous::cli::{self, Console, Outcome};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    start_log();
    let mut console = Console::standard();
    let outcome: Outcome = cli::run(std::env::args_os(), &mut console, atrous::run_window);
    ExitCode::from(outcome.code())
}

/// The log goes to standard error; `ATROUS_LOG` (as `debug` or `atrous_engine=trace`) says how much.
fn start_log() {
    let filter = EnvFilter::try_from_env("ATROUS_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .without_time()
        .init();
}

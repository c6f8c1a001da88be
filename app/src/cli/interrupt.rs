//! Ctrl-C: the first stops between two files or steps, the second at once.

use anyhow::{Context as _, Result};
use atrous_engine::jobs::Cancel;

/// Makes Ctrl-C (and a polite kill) set `cancel`; a second one ends the process.
///
/// # Errors
/// When the system refuses the handler.
pub fn install(cancel: Cancel) -> Result<()> {
    ctrlc::set_handler(move || {
        if cancel.is_cancelled() {
            quit();
        }
        cancel.cancel();
        eprintln!("stopping after this step; press Ctrl-C again to quit at once");
    })
    .context("catching Ctrl-C")
}

#[expect(
    clippy::exit,
    reason = "the person asked twice; files are whole at any moment"
)]
fn quit() {
    std::process::exit(130)
}

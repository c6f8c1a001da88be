//! The wish to stop: between two files, with everything on disk whole.

use atrous_engine::jobs::Cancel;

use super::{Outcome, assert_whole, atrous, atrous_stopped_by, files_below, run, words};

#[test]
fn a_wish_to_stop_is_heard_before_the_first_file() {
    let home = tempfile::tempdir().unwrap();
    let cancel = Cancel::default();
    cancel.cancel();
    let folder = home.path().join("streets");
    let ran = atrous_stopped_by(&cancel, words!["demo", &folder, "--images", "3"]);
    assert_eq!(ran.outcome, Outcome::Stopped);
    assert!(!folder.exists());
}

/// In a process of its own, Ctrl-C ends the drawing of very many scenes.
#[test]
#[cfg(unix)]
fn ctrl_c_stops_between_two_files() {
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("streets");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "cli::interrupt::drawing_in_a_child",
            "--nocapture",
        ])
        .env(CHILD, &folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while !folder.exists() || files_below(&folder).len() < 3 {
        assert!(
            start.elapsed() < Duration::from_secs(60),
            "nothing is drawn"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    let status = child.wait().unwrap();
    assert!(status.success(), "{status}");
    let images = files_below(&folder).len();
    assert!((3..100_000).contains(&images));
    assert_whole(home.path());
    // The next start draws over it as if nothing had happened.
    let ran = atrous(words!["demo", &folder, "--images", "3", "--size", "96x64"]);
    assert_eq!(ran.outcome, Outcome::Done);
}

/// Tells the test below which folder to draw into.
const CHILD: &str = "ATROUS_TEST_DRAW_INTO";

/// Only does something as the child of the test above, which stops it by Ctrl-C.
#[test]
fn drawing_in_a_child() {
    let Some(folder) = std::env::var_os(CHILD) else {
        return;
    };
    let words = words!["demo", &folder, "--images", "100000", "--size", "96x64"];
    let ran = run(&Cancel::default(), true, None, words);
    assert_eq!(ran.outcome, Outcome::Stopped, "{}", ran.err);
    assert_eq!(ran.outcome.code(), 130);
}

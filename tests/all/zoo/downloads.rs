//! Downloads from a server that truncates, stalls, lies, redirects and changes its mind.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use atrous_engine::jobs::{Cancel, Monitor, Progress, Silent};
use atrous_engine::zoo::{Got, Presence, Receipt, Zoo};
use atrous_engine::{Error, Result};

use super::server::{Answer, Server};
use super::tarball::{GRAPH_BYTES, Member, good, tar_gz};
use super::{zoo_at, zoo_published_at};

fn get(zoo: &Zoo) -> Result<Got> {
    zoo.get(zoo.find("small").unwrap(), &mut Silent)
}

fn presence(zoo: &Zoo) -> Presence {
    zoo.cache.presence(zoo.find("small").unwrap())
}

/// A server with that script, and a zoo published there.
fn scripted(script: impl Into<Vec<Answer>>) -> (Server, tempfile::TempDir, Zoo) {
    let server = Server::start(&good(1), script);
    let home = tempfile::tempdir().unwrap();
    let zoo = zoo_at(&server, home.path());
    (server, home, zoo)
}

/// The file is here, whole, and nothing of the download is left.
fn assert_here(zoo: &Zoo, got: &Got) {
    assert_eq!(got.receipt.archive_bytes, good(1).len() as u64);
    assert!(matches!(presence(zoo), Presence::Here { bytes } if bytes > GRAPH_BYTES as u64));
    let graph = got.folder.join("small/frozen_inference_graph.pb");
    assert_eq!(fs::metadata(graph).unwrap().len(), GRAPH_BYTES as u64);
    let mut names = names(zoo.cache.folder());
    names.retain(|name| !name.ends_with(".lock"));
    assert_eq!(names, ["small", "small.tar.gz.sha256"]);
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// What a failed download said, and that nothing is taken for a model.
fn failure(zoo: &Zoo) -> String {
    let error = get(zoo).unwrap_err();
    assert!(!matches!(presence(zoo), Presence::Here { .. }));
    let entry = zoo.find("small").unwrap();
    let opened = zoo.model_file(entry).unwrap_err().to_string();
    assert!(opened.contains("atrous model get small"), "{opened}");
    error.to_string()
}

#[test]
fn a_model_is_fetched_once_and_checked_the_second_time() {
    let (server, _home, zoo) = scripted([]);
    assert_eq!(presence(&zoo), Presence::Absent);
    let got = get(&zoo).unwrap();
    assert!(!got.was_here);
    assert_here(&zoo, &got);
    assert!(get(&zoo).unwrap().was_here);
    assert_eq!(server.ranges(), ["all"]);
    let head = &server.requests()[0].to_lowercase();
    assert!(head.contains("get /models/small.tar.gz"), "{head}");
    assert!(head.contains("user-agent: atrous/"), "{head}");
}

#[test]
fn a_damaged_model_is_noticed_and_fetched_again() {
    let (server, _home, zoo) = scripted([]);
    let got = get(&zoo).unwrap();
    let graph = got.folder.join("small/frozen_inference_graph.pb");
    let mut bytes = fs::read(&graph).unwrap();
    bytes[1000] ^= 1;
    fs::write(&graph, bytes).unwrap();
    let error = zoo.model_file(zoo.find("small").unwrap()).unwrap_err();
    assert!(error.to_string().contains("checksum"), "{error}");
    assert!(!get(&zoo).unwrap().was_here);
    zoo.model_file(zoo.find("small").unwrap()).unwrap();
    assert_eq!(server.ranges(), ["all", "all"]);
}

#[test]
fn broken_connections_are_gone_on_with_where_they_broke() {
    let (server, _home, zoo) = scripted([
        Answer::CloseAfter(70_000),
        Answer::CloseAfter(66_000),
        Answer::FallSilentAfter(10_000),
    ]);
    let got = get(&zoo).unwrap();
    assert_here(&zoo, &got);
    assert_eq!(server.ranges(), ["all", "70000", "136000", "146000"]);
}

#[test]
fn a_download_is_gone_on_with_after_a_restart() {
    let (server, home, zoo) = scripted([Answer::CloseAfter(100_000), Answer::Status(404)]);
    let said = failure(&zoo);
    assert!(said.contains("0.1 MB that came are kept"), "{said}");
    assert_eq!(presence(&zoo), Presence::Begun { bytes: 100_000 });
    let again = zoo_at(&server, home.path());
    assert_here(&again, &get(&again).unwrap());
    assert_eq!(server.ranges(), ["all", "100000", "100000"]);
}

#[test]
fn a_file_that_changed_meanwhile_is_fetched_from_its_beginning() {
    let (server, home, zoo) = scripted([
        Answer::CloseAfter(100_000),
        Answer::Status(404),
        Answer::Replace(good(9)),
    ]);
    failure(&zoo);
    let got = get(&zoo).unwrap();
    assert_eq!(server.ranges(), ["all", "100000", "100000"]);
    assert_eq!(got.receipt.archive_bytes, good(9).len() as u64);
    drop(home);
}

#[test]
fn a_server_that_knows_no_ranges_sends_everything_again() {
    let (server, _home, zoo) = scripted([Answer::CloseAfter(100_000), Answer::WholeFile]);
    assert_here(&zoo, &get(&zoo).unwrap());
    assert_eq!(server.ranges(), ["all", "100000"]);
}

#[test]
fn another_part_than_the_missing_one_is_not_taken() {
    let (server, _home, zoo) = scripted([Answer::CloseAfter(100_000), Answer::WrongPart]);
    assert_here(&zoo, &get(&zoo).unwrap());
    assert_eq!(server.ranges(), ["all", "100000", "all"]);
}

#[test]
fn a_server_that_announces_too_much_is_found_out() {
    let longer = good(1).len() + 5000;
    let (_server, _home, zoo) = scripted(vec![Answer::Announce(longer); 20]);
    let said = failure(&zoo);
    assert!(said.contains("127.0.0.1"), "{said}");
    // Where it is truthful the next time, nothing of the lie is left.
    let (_server, _home, zoo) = scripted([Answer::Announce(longer)]);
    assert_here(&zoo, &get(&zoo).unwrap());
}

#[test]
fn a_server_that_announces_too_little_leaves_nothing_behind() {
    let (_server, _home, zoo) = scripted([Answer::Announce(good(1).len() - 1)]);
    let said = failure(&zoo);
    assert!(said.contains("whole .tar.gz archive"), "{said}");
    assert_eq!(presence(&zoo), Presence::Absent);
    // It was not the first download that later ones are held against.
    assert_here(&zoo, &get(&zoo).unwrap());
}

#[test]
fn a_server_that_announces_nothing_is_believed_once_the_archive_is_whole() {
    let (_server, _home, zoo) = scripted([Answer::Unmeasured]);
    assert_here(&zoo, &get(&zoo).unwrap());
}

#[test]
fn a_file_without_end_is_stopped_at_the_limit() {
    let (_server, _home, zoo) = scripted([Answer::Endless]);
    let said = failure(&zoo);
    assert!(said.contains("more than the 17.1 MB"), "{said}");
    assert_eq!(presence(&zoo), Presence::Absent);
    let (_server, _home, zoo) = scripted([Answer::Announce(100 << 20)]);
    assert!(failure(&zoo).contains("104.9 MB"));
}

#[test]
fn silence_is_given_up_on_after_a_while() {
    for answer in [Answer::SayNothing, Answer::FallSilentAfter(0)] {
        let (server, _home, zoo) = scripted(vec![answer; 20]);
        let start = Instant::now();
        let said = failure(&zoo);
        assert!(said.contains("nothing came for"), "{said}");
        assert_eq!(server.requests().len(), 3);
        assert!(start.elapsed() < Duration::from_secs(30));
    }
}

#[test]
fn redirects_are_followed_but_not_without_end() {
    let target = Server::start(&good(1), []);
    let to = format!("{}elsewhere.tar.gz", target.address());
    let (_server, _home, zoo) = scripted([Answer::Redirect(to)]);
    assert_here(&zoo, &get(&zoo).unwrap());

    // The range is asked for at the redirect's end too.
    let target = Server::start(&good(1), [Answer::CloseAfter(100_000)]);
    let to = format!("{}elsewhere.tar.gz", target.address());
    let (_server, _home, zoo) = scripted([Answer::Redirect(to.clone()), Answer::Redirect(to)]);
    assert_here(&zoo, &get(&zoo).unwrap());
    assert_eq!(target.ranges(), ["all", "100000"]);

    let (server, _home, zoo) = scripted(vec![Answer::Redirect("small.tar.gz".to_owned()); 50]);
    let said = failure(&zoo);
    assert!(said.contains("redirects"), "{said}");
    assert!(server.requests().len() <= 5, "{}", server.requests().len());

    for elsewhere in ["file:///etc/passwd", "ftp://127.0.0.1/a", "http://"] {
        let (_server, _home, zoo) = scripted(vec![Answer::Redirect(elsewhere.to_owned()); 50]);
        failure(&zoo);
    }
}

#[test]
fn faults_are_tried_again_and_refusals_are_not() {
    let (server, _home, zoo) = scripted([Answer::Status(500), Answer::Status(503)]);
    assert_here(&zoo, &get(&zoo).unwrap());
    assert_eq!(server.requests().len(), 3);

    let (server, _home, zoo) = scripted(vec![Answer::Status(500); 20]);
    assert!(failure(&zoo).contains("HTTP 500"));
    assert_eq!(server.requests().len(), 3);

    for status in [404, 403] {
        let (server, _home, zoo) = scripted([Answer::Status(status)]);
        assert!(failure(&zoo).contains(&format!("HTTP {status}")));
        assert_eq!(server.requests().len(), 1);
    }

    let (_server, _home, zoo) = scripted([Answer::Gibberish]);
    assert_here(&zoo, &get(&zoo).unwrap());
}

#[test]
fn a_login_page_is_not_taken_for_an_archive() {
    let (_server, _home, zoo) = scripted([Answer::Body("<html>Welcome to Hotel Wi-Fi")]);
    let said = failure(&zoo);
    assert!(
        said.contains("web page") && said.contains("log in"),
        "{said}"
    );
    assert_eq!(presence(&zoo), Presence::Absent);
}

#[test]
fn offline_says_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    // Nothing listens on a port that was just given back.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let base = format!("http://127.0.0.1:{port}/models/");
    let start = Instant::now();
    let said = failure(&zoo_published_at(&base, home.path()));
    assert!(start.elapsed() < Duration::from_secs(5));
    for word in [
        "127.0.0.1",
        "can't be reached",
        &format!("{base}small.tar.gz"),
    ] {
        assert!(said.contains(word), "{word}: {said}");
    }
}

#[test]
fn another_file_than_the_first_time_is_refused_until_its_checksum_is_deleted() {
    let (_server, _home, zoo) = scripted([Answer::File, Answer::Replace(good(2))]);
    get(&zoo).unwrap();
    let entry = zoo.find("small").unwrap();
    zoo.cache.remove(entry).unwrap();
    assert_eq!(presence(&zoo), Presence::Absent);
    let said = failure(&zoo);
    assert!(said.contains("checksum of the first download"), "{said}");
    fs::remove_file(zoo.cache.folder().join("small.tar.gz.sha256")).unwrap();
    get(&zoo).unwrap();
}

/// Stops once so many bytes have come.
struct StopAfter(u64);

impl Monitor for StopAfter {
    fn checkpoint(&mut self, progress: &Progress) -> Result<()> {
        if progress.done >= self.0 && progress.note == "downloading" {
            return Err(Error::Cancelled);
        }
        Ok(())
    }
}

#[test]
fn a_stopped_download_keeps_what_came() {
    let (server, _home, zoo) = scripted([]);
    let entry = zoo.find("small").unwrap();
    let stopped = zoo.get(entry, &mut StopAfter(60_000)).unwrap_err();
    assert!(stopped.is_cancelled());
    let Presence::Begun { bytes } = presence(&zoo) else {
        panic!("nothing is kept")
    };
    assert!((60_000..good(1).len() as u64).contains(&bytes), "{bytes}");
    assert_here(&zoo, &get(&zoo).unwrap());
    assert_eq!(server.ranges(), ["all".to_owned(), bytes.to_string()]);
}

#[test]
fn a_stop_is_heeded_while_the_server_is_silent() {
    let (_server, _home, mut zoo) = scripted([Answer::SayNothing]);
    zoo.options.stall = Duration::from_secs(60);
    let mut cancel = Cancel::default();
    let wish = cancel.clone();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(100));
        wish.cancel();
    });
    let start = Instant::now();
    let stopped = zoo.get(zoo.find("small").unwrap(), &mut cancel);
    assert!(stopped.unwrap_err().is_cancelled());
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn one_model_is_not_downloaded_twice_at_once() {
    let (server, home, mut zoo) = scripted([Answer::SayNothing]);
    zoo.options.stall = Duration::from_secs(60);
    let cancel = Cancel::default();
    let (first, mut wish) = (zoo, cancel.clone());
    let thread = std::thread::spawn(move || {
        first
            .get(first.find("small").unwrap(), &mut wish)
            .unwrap_err()
    });
    while server.requests().is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let second = get(&zoo_at(&server, home.path())).unwrap_err();
    assert!(second.to_string().contains("already"), "{second}");
    cancel.cancel();
    assert!(thread.join().unwrap().is_cancelled());
}

#[test]
fn an_archive_by_hand_is_as_good() {
    let (server, home, zoo) = scripted([]);
    let entry = zoo.find("small").unwrap();
    let file = home.path().join("from a friend.tar.gz");
    fs::write(&file, good(1)).unwrap();
    let got = zoo.import(entry, &file, &mut Silent).unwrap();
    assert_here(&zoo, &got);
    assert!(file.exists() && server.requests().is_empty());
    let receipt = Receipt::read(&got.folder).unwrap();
    assert!(
        receipt.source.contains("from a friend"),
        "{}",
        receipt.source
    );

    fs::write(&file, tar_gz(&[Member::file("README", b"no weights")])).unwrap();
    fs::remove_file(zoo.cache.folder().join("small.tar.gz.sha256")).unwrap();
    let refused = zoo.import(entry, &file, &mut Silent).unwrap_err();
    assert!(refused.to_string().contains("frozen graph"), "{refused}");
    assert_eq!(
        get(&zoo).unwrap().receipt,
        got.receipt,
        "the one that was here stays"
    );
}

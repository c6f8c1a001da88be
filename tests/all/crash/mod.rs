//! Killed at random moments, nothing is lost.
//!
//! The tests run this binary again as a child that works on a project and says what it is about to
//! do and what is done. They kill it, open the project, and compare.

mod soak;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, SystemTime};

use atrous_engine::mask::{Edit, History, LabelMap, png_file};
use atrous_engine::project::{ImageId, NewPrediction, Project, Recorder, Status, Written};
use atrous_engine::{Limits, atomic_file};

use crate::project::{Folder, files, id, stroke};

/// How often each child is killed.
const KILLS: u64 = 25;

/// Where the child finds its project, and the seed of its work.
const FOLDER: &str = "ATROUS_CRASH_FOLDER";
const SEED: &str = "ATROUS_CRASH_SEED";

const WIDTH: u32 = 640;
const HEIGHT: u32 = 480;

/// Random numbers: SplitMix64 (Steele, Lea, Flood).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}

/// What a child says, in whole lines.
#[derive(Debug, Clone, PartialEq)]
enum Line {
    /// It is about to bring an image to this state.
    About(String, u64),
    /// As [`Line::About`], by deleting the labels.
    Delete(String, u64),
    /// The state that was announced first, of those left, is on disk.
    Done(String),
}

fn say(word: &str, image: &str, state: u64) {
    let mut out = std::io::stdout().lock();
    // The line break comes first because the test harness leaves its own line open.
    write!(out, "\n@ {word} {image} {state} .\n").unwrap();
    out.flush().unwrap();
}

/// A child and what it says, read as it comes.
struct Running {
    child: Child,
    lines: Receiver<Line>,
}

impl Running {
    fn start(test: &str, folder: &Path, seed: u64) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                test,
                "--ignored",
                "--nocapture",
                "--test-threads=1",
            ])
            .env(FOLDER, folder)
            .env(SEED, seed.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let words: Vec<&str> = line.split(' ').collect();
                let line = match words[..] {
                    ["@", "about", image, state, "."] => {
                        Line::About(image.to_owned(), state.parse().unwrap())
                    }
                    ["@", "delete", image, state, "."] => {
                        Line::Delete(image.to_owned(), state.parse().unwrap())
                    }
                    ["@", "done", image, _, "."] => Line::Done(image.to_owned()),
                    _ => continue,
                };
                sender.send(line).unwrap();
            }
        });
        Self { child, lines }
    }

    /// Lets it work until it has said `count` things and a moment longer, kills it, and returns all
    /// that it said.
    fn kill_after(mut self, count: u64, moment: Duration) -> Vec<Line> {
        let mut said: Vec<Line> = Vec::new();
        for _ in 0..count {
            let line = self.lines.recv_timeout(Duration::from_secs(60));
            said.push(line.expect("the child works on until it is killed"));
        }
        std::thread::sleep(moment);
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        said.extend(self.lines);
        said
    }
}

/// A folder of images with these names that a child can work on.
fn folder_of(names: &[impl AsRef<str>]) -> Folder {
    let folder = Folder::new();
    for name in names {
        folder.add(name.as_ref(), WIDTH, HEIGHT);
    }
    drop(folder.open());
    folder
}

/// How a child lives: it is killed once it has said fewer than `words` things, and less than
/// `moment` later.
struct Life {
    test: &'static str,
    words: u64,
    moment: Duration,
}

impl Life {
    /// Lets a child live, and opens what it left behind. Returns what it said.
    fn live(&self, folder: &Folder, seed: u64, random: &mut Random) -> (Project, Vec<Line>) {
        let running = Running::start(self.test, folder.path(), seed);
        let moment = random.below(self.moment.as_micros() as u64);
        let said = running.kill_after(random.below(self.words), Duration::from_micros(moment));
        let project = folder.open();
        check_files(folder);
        (project, said)
    }
}

/// How many things the child said it had done.
fn done(said: &[Line]) -> usize {
    let is_done = |line: &&Line| matches!(line, Line::Done(_));
    said.iter().filter(is_done).count()
}

/// Reads an image's labels and history, which must be among those possible after `said`, and stay
/// what they are when the label file is written. `state` becomes that of the labels.
fn check_labels(
    project: &Project,
    name: &str,
    said: &[Line],
    state: &mut u64,
) -> (LabelMap, History) {
    let image = id(project, name);
    let (map, history) = project.open_label(image).unwrap();
    let possible = possible(said, name, *state);
    assert!(possible.contains(&map.digest()), "{name}: {said:?}");
    project.flush_label(image).unwrap();
    assert_eq!(project.load_label(image).unwrap(), map);
    *state = map.digest();
    (map, history)
}

/// The states of an image that may be found after `said`: the last one that was done, or the one
/// that was being written. `before` is the state that the child found.
fn possible(said: &[Line], image: &str, before: u64) -> Vec<u64> {
    let mut states = vec![before];
    states.extend(said.iter().filter_map(|line| match line {
        Line::About(name, state) | Line::Delete(name, state) if name == image => Some(*state),
        _ => None,
    }));
    let done = said
        .iter()
        .filter(|line| matches!(line, Line::Done(name) if name == image))
        .count();
    states[done..].iter().take(2).copied().collect()
}

/// Every file of the project is whole, and nothing is left of those that were being written.
fn check_files(folder: &Folder) {
    for path in files(&folder.file(".atrous")) {
        assert!(
            !atomic_file::is_temporary(&path),
            "{} is left",
            path.display()
        );
        if path.extension().is_some_and(|extension| extension == "png") {
            let map = png_file::read(&path, &Limits::default()).unwrap();
            assert_eq!(map.size(), [WIDTH, HEIGHT], "{}", path.display());
        }
    }
}

#[test]
fn strokes_survive_a_kill_at_any_moment() {
    let names = ["a.png", "b.png"];
    let folder = folder_of(&names);
    let life = Life {
        test: "crash::paint_until_killed",
        words: 60,
        moment: Duration::from_millis(6),
    };
    let mut random = Random(7);
    let mut states = [LabelMap::filled(WIDTH, HEIGHT, 255).digest(); 2];
    let (mut strokes, mut depth) = (0, 0);
    for kill in 0..KILLS {
        let (project, said) = life.live(&folder, kill, &mut random);
        strokes += done(&said);
        for (name, state) in names.iter().zip(&mut states) {
            let (_, history) = check_labels(&project, name, &said, state);
            depth = history.depths().0;
            let signed = |edit: &Edit| edit.name() == "Stroke" && edit.made().is_some();
            assert!(history.edits().all(signed), "kill {kill}, {name}");
        }
    }
    assert!(strokes > 200, "{strokes} are too few to show anything");
    let project = folder.open();
    let image = id(&project, names[1]);
    for _ in 0..depth {
        assert!(project.undo(image).unwrap().is_some());
    }
    assert_eq!(
        project.load_label(image).unwrap(),
        LabelMap::filled(WIDTH, HEIGHT, 255)
    );
}

/// Paints, undoes and redoes through a [`Recorder`], as the window does.
#[test]
#[ignore = "run by strokes_survive_a_kill_at_any_moment in a process of its own"]
fn paint_until_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let mut random = Random(std::env::var(SEED).unwrap().parse().unwrap());
    let project = Arc::new(Project::open(Path::new(&folder), Default::default()).unwrap());
    let names = ["a.png", "b.png"];
    let images = names.map(|name| id(&project, name));
    let report = move |recorded: atrous_engine::project::Recorded| {
        recorded.result.unwrap();
        if recorded.what != Written::File {
            let place = images.iter().position(|image| *image == recorded.image);
            say("done", names[place.unwrap()], 0);
        }
    };
    let recorder = Recorder::start(project.clone(), report).unwrap();
    let mut open = images.map(|image| project.open_label(image).unwrap());
    loop {
        let place = random.below(2) as usize;
        let (map, history) = &mut open[place];
        match random.below(8) {
            0 if history.can_undo() || history.can_redo() => {
                let (done, undone) = history.depths();
                // Mostly a few steps, sometimes anywhere.
                let reach = if random.below(4) == 0 {
                    done + undone
                } else {
                    3
                };
                let lowest = done.saturating_sub(reach);
                let highest = (done + reach).min(done + undone);
                let depth = lowest + random.below((highest - lowest + 1) as u64) as usize;
                if depth != done {
                    history.go_to(map, depth);
                    say("about", names[place], map.digest());
                    recorder.step(images[place], depth as i64 - done as i64);
                }
            }
            2 => recorder.flush(images[place]),
            3 => recorder.wait_idle(),
            _ => {
                let mut point = || [random.below(640) as f32, random.below(480) as f32];
                let points = [point(), point(), point()];
                if let Some(edit) = stroke(map, &points, random.below(21) as u8) {
                    say("about", names[place], map.digest());
                    let edit = Arc::new(edit.named("Stroke").made_at(SystemTime::now()));
                    history.push(edit.clone());
                    recorder.record(images[place], edit);
                }
            }
        }
    }
}

/// The labels that generation `generation` of the pretended model gives an image.
fn pretended(image: ImageId, generation: u64) -> LabelMap {
    let mut map = LabelMap::filled(WIDTH, HEIGHT, (generation % 21) as u8);
    let mut random = Random(image.number().unsigned_abs() << 32 | generation);
    for _ in 0..12 {
        let mut point = || [random.below(640) as f32, random.below(480) as f32];
        let points = [point(), point()];
        stroke(&mut map, &points, random.below(21) as u8);
    }
    map
}

#[test]
fn predictions_survive_a_kill_at_any_moment() {
    let names: Vec<String> = (0..6).map(|number| format!("sub/{number}.png")).collect();
    let folder = folder_of(&names);
    let life = Life {
        test: "crash::predict_until_killed",
        words: 20,
        moment: Duration::from_millis(30),
    };
    let mut random = Random(8);
    // Of the labels and of the prediction: a kill may fall between the two.
    let mut generations = vec![[0; 2]; names.len()];
    let mut predictions = 0;
    for kill in 0..KILLS {
        let (project, said) = life.live(&folder, kill * 1_000 + 1, &mut random);
        predictions += done(&said);
        for (name, before) in names.iter().zip(&mut generations) {
            let image = id(&project, name);
            let found = |before: u64, map: &LabelMap| {
                let possible = possible(&said, name, before);
                let fits = |generation: &&u64| match **generation {
                    0 => *map == LabelMap::filled(WIDTH, HEIGHT, 255),
                    generation => *map == pretended(image, generation),
                };
                let found = possible.iter().find(fits);
                *found.unwrap_or_else(|| {
                    let is = (1..30_000_u64)
                        .filter(|generation| generation % 1_000 < 40)
                        .find(|generation| *map == pretended(image, *generation));
                    panic!("kill {kill}, {name}: found {is:?}, not one of {possible:?}; {said:?}")
                })
            };
            let (labels, history) = project.open_label(image).unwrap();
            assert_eq!(history.depths(), (0, 0), "nobody edited anything");
            let status = project.image(image).unwrap().status;
            assert!(!status.is_touched(), "{status:?}");
            let stored = possible(&said, name, before[0])[0] > 0;
            if let Some(prediction) = project.load_prediction(image).unwrap() {
                before[1] = found(before[1], &prediction);
                assert!(project.load_confidence(image).unwrap().is_some());
            } else {
                assert!(!stored);
            }
            assert!(!stored || status == Status::Predicted);
            before[0] = found(before[0], &labels);
        }
    }
    assert!(
        predictions > 50,
        "{predictions} are too few to show anything"
    );
}

/// Stores predictions of every image, over and over.
#[test]
#[ignore = "run by predictions_survive_a_kill_at_any_moment in a process of its own"]
fn predict_until_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let first: u64 = std::env::var(SEED).unwrap().parse().unwrap();
    let project = Project::open(Path::new(&folder), Default::default()).unwrap();
    for generation in first.. {
        for image in project.images().unwrap() {
            let labels = pretended(image.id, generation).to_vec();
            let prediction = NewPrediction {
                width: WIDTH,
                height: HEIGHT,
                labels: &labels,
                confidence: &labels,
                uncertainty: 0.5,
            };
            let name = image.path.to_str().unwrap();
            say("about", name, generation);
            project.store_prediction(image.id, &prediction).unwrap();
            say("done", name, 0);
        }
    }
}

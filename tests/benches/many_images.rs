//! The window on a folder of very many images: `cargo bench --workspace --bench many_images`.
//!
//! Opens the folder twice, scrolls, walks, filters and sorts; before the second time every image is
//! given an uncertainty, as if the folder had been predicted. Frames are what the window's thread does
//! for one: input, messages, layout and shapes; painting is the GPU's.
//! `ATROUS_BENCH_IMAGES` is the number of images if it is not to be 100,000.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use atrous::command::Command;
use atrous::state::{State, Task};
use atrous::system::{Choice, Places, System};
use atrous::{App, Setup};
use atrous_engine::device::DeviceChoice;
use atrous_widgets::theme;
use egui::{Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, TouchPhase, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

/// Images in one folder.
const IN_A_FOLDER: usize = 10_000;

fn main() {
    let images = std::env::var("ATROUS_BENCH_IMAGES").ok();
    let images = images.map_or(100_000, |images| {
        images.parse().expect("a number of images")
    });
    let room = tempfile::tempdir().expect("a temporary folder");
    let folder = room.path().join("images");
    fill(&folder, images);
    println!("| what | figure |\n| --- | --- |");
    for opening in ["first", "second"] {
        let mut window = Window::start(room.path());
        window.open(&folder, images, opening);
        if opening == "first" {
            window.scroll();
        }
        window.walk();
        window.filter_and_sort();
        row("memory, resident at most so far", memory());
        window.close();
        predict(&folder);
    }
}

/// Notes uncertainties of all images in the index, in no order.
fn predict(folder: &Path) {
    let index = rusqlite::Connection::open(folder.join(".atrous/index.sqlite")).expect("an index");
    let sql = "UPDATE images SET status = 'predicted', counted = version,
        uncertainty = (id * 7919 % 10007) / 10007.0 WHERE status <> 'reviewed'";
    index.execute(sql, []).expect("notes");
}

fn row(what: &str, figure: impl std::fmt::Display) {
    println!("| {what} | {figure} |");
}

/// Links to one small image: no file system takes as many links to one file, so there are several.
fn fill(folder: &Path, images: usize) {
    let mut source = PathBuf::new();
    for number in 0..images {
        let part = folder.join(format!("{:03}", number / IN_A_FOLDER));
        let path = part.join(format!("img-{number:06}.jpg"));
        if number % IN_A_FOLDER == 0 {
            std::fs::create_dir_all(&part).expect("a folder");
            let image = image::RgbImage::from_fn(96, 64, |x, y| [x as u8, y as u8, 90].into());
            image.save(&path).expect("an image");
            source = path;
        } else {
            std::fs::hard_link(&source, path).expect("a link");
        }
    }
}

/// The most memory that this process had, in MB.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.map_or("unknown".to_owned(), |kb| format!("{} MB", kb / 1024))
}

/// No dialogs, no other applications.
struct Nobody;

impl System for Nobody {
    fn choose_folder(&self, _title: &str, _start: Option<&Path>) -> Choice {
        Box::pin(async { None })
    }

    fn choose_model(&self) -> Choice {
        Box::pin(async { None })
    }

    fn reveal(&self, _path: &Path) -> std::io::Result<()> {
        Ok(())
    }
}

/// The window, without a screen.
struct Window {
    harness: Harness<'static, App>,
    frames: Vec<Duration>,
}

impl Window {
    fn start(room: &Path) -> Self {
        let setup = Setup {
            started: Instant::now(),
            device: DeviceChoice::Cpu,
            places: Places {
                settings: room.join("settings.toml"),
                window: room.join("window.ron"),
                demo: room.join("demo"),
            },
            system: Arc::new(Nobody),
            zoo: None,
            folder: None,
        };
        let harness = Harness::builder()
            .with_size([1280.0, 800.0])
            .with_context_setup(theme::install)
            .build_eframe(|creation| App::new(creation, setup).expect("a window"));
        let mut window = Self {
            harness,
            frames: Vec::new(),
        };
        window.until(|state| state.model.card.is_some());
        window
    }

    fn state(&self) -> &State {
        self.harness.state().state()
    }

    /// One frame.
    fn frame(&mut self) {
        let start = Instant::now();
        self.harness.step();
        self.frames.push(start.elapsed());
    }

    /// Frames until `reached`, as a screen would show them.
    fn until(&mut self, reached: impl Fn(&State) -> bool) -> Duration {
        let start = Instant::now();
        while !reached(self.state()) {
            self.frame();
            std::thread::sleep(Duration::from_millis(2));
        }
        start.elapsed()
    }

    /// Median, 99th percentile and longest of the frames since the last call.
    fn report(&mut self, what: &str) {
        let mut frames = std::mem::take(&mut self.frames);
        frames.sort_unstable();
        let at = |part: usize| frames[(frames.len() - 1) * part / 100].as_secs_f64() * 1e3;
        let figure = format!(
            "{:.2} ms, 99 % within {:.2} ms, longest {:.2} ms ({} frames)",
            at(50),
            at(99),
            at(100),
            frames.len()
        );
        row(what, figure);
    }

    fn open(&mut self, folder: &Path, images: usize, opening: &str) {
        let dropped = Arc::new(Dropped(folder.to_owned()));
        self.harness.input_mut().dropped_files.push(dropped);
        self.frames.clear();
        let start = Instant::now();
        self.until(|state| {
            let project = state.project.as_ref();
            project.is_some_and(|project| project.strip.len() == images)
        });
        self.frame();
        let usable = format!("{:.1?}", start.elapsed());
        row(&format!("{opening} opening: film strip usable"), usable);
        self.until(|state| state.document.is_some());
        let shown = format!("{:.1?}", start.elapsed());
        row(
            &format!("{opening} opening: first image on the canvas"),
            shown,
        );
        self.report("frames meanwhile");
        self.until(|state| !state.jobs.is_running(Task::Survey));
        let surveyed = format!("{:.1?}", start.elapsed());
        row(&format!("{opening} opening: every header read"), surveyed);
        if !self.frames.is_empty() {
            self.report("frames meanwhile");
        }
    }

    /// The wheel over the film strip, then jumps all over it.
    fn scroll(&mut self) {
        self.harness.hover_at(pos2(100.0, 500.0));
        for _ in 0..2_000 {
            self.wheel(-120.0);
            self.frame();
        }
        self.report("scrolling, one notch a frame");
        for turn in 0..500_u32 {
            let far = if turn % 3 == 2 { 1.0 } else { -1.0 };
            self.wheel(far * 60_000.0);
            self.frame();
            std::thread::sleep(Duration::from_millis(8));
        }
        self.report("scrolling, a thousand images a frame");
    }

    fn wheel(&self, points: f32) {
        self.harness.event(Event::MouseWheel {
            unit: MouseWheelUnit::Point,
            delta: vec2(0.0, points),
            phase: TouchPhase::Move,
            source: MouseWheelSource::Wheel,
            modifiers: Modifiers::NONE,
        });
    }

    fn walk(&mut self) {
        let project = self.state().project.as_ref().expect("a project");
        let order = match project.strip.is_filtered() {
            true => ", filtered and sorted by uncertainty",
            false => "",
        };
        for _ in 0..200 {
            self.harness.key_press(Key::D);
            self.frame();
            std::thread::sleep(Duration::from_millis(8));
        }
        self.report(&format!("walking{order}, an image a frame"));
        for _ in 0..100 {
            self.until(|state| {
                let project = state.project.as_ref().expect("a project");
                let shown = state.document.as_ref().map(|document| document.id);
                shown == project.current
            });
            self.press(Command::MarkReviewed);
            self.frame();
        }
        self.report(&format!("marking reviewed{order} and going on"));
    }

    fn press(&self, command: Command) {
        let keys = command.shortcuts()[0];
        self.harness
            .key_press_modifiers(keys.modifiers, keys.logical_key);
    }

    fn filter_and_sort(&mut self) {
        self.type_filter("img-0999 -status:reviewed unc<0.4 name:*99.jpg");
        self.report("typing a filter");
        self.harness.key_press(Key::Escape);
        self.frame();
        self.frame();
        self.report("clearing it");
        for command in [Command::SortByChange, Command::SortByUncertainty] {
            self.harness.get_by_label("Image").click();
            self.harness.step();
            self.harness.step();
            self.harness.get_by_label(command.text()).click();
            self.frames.clear();
            self.frame();
            self.frame();
            self.report(command.text());
        }
        self.type_filter("-status:reviewed");
        self.harness.key_press(Key::Enter);
        self.frame();
        self.frames.clear();
        self.walk();
        self.press(Command::SelectAll);
        self.frame();
        self.frame();
        self.report("selecting all");
    }

    fn type_filter(&mut self, text: &str) {
        self.press(Command::FilterImages);
        self.frame();
        self.frames.clear();
        for letter in text.chars() {
            let field = self.harness.get_by_role(egui::accesskit::Role::TextInput);
            field.type_text(&letter.to_string());
            self.frame();
            self.frame();
        }
    }

    fn close(self) {
        let mut app = self.harness.into_state();
        eframe::App::on_exit(&mut app);
    }
}

#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|error| error.to_string())
    }
}

//! A person at the window, as a small language of gestures.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use atrous::command::Command;
use atrous::state::{Look, Settings, State, Task};
use atrous::system::{Choice, Places, System};
use atrous::{App, Setup};
use atrous_engine::demo::{DemoOptions, Size, write_demo};
use atrous_engine::device::{ComputeDevice, DeviceChoice};
use atrous_engine::jobs::Silent;
use atrous_engine::network::Config;
use atrous_engine::weights::{Accounting, Model, ModelInfo};
use atrous_engine::zoo::{Cache, Catalogue, Zoo};
use atrous_palettes::Palette;
use atrous_widgets::theme::Theme;
use eframe::egui_wgpu::RenderState;
use egui::{Event, Key, Modifiers, PointerButton, Pos2, pos2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use tempfile::TempDir;

use crate::widgets::screen;

/// Nothing takes longer than this, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// The window's size in points.
const SIZE: [f32; 2] = [1280.0, 800.0];

/// Answers dialogs without showing any, and remembers what was to be shown.
#[derive(Default)]
pub struct Answers {
    /// What the next dialog answers.
    pub path: Mutex<Option<PathBuf>>,
    /// The files that were to be opened with other applications.
    pub revealed: Mutex<Vec<PathBuf>>,
}

impl System for Answers {
    fn choose_folder(&self, _title: &str, _start: Option<&Path>) -> Choice {
        let path = self.path.lock().unwrap().clone();
        Box::pin(async move { path })
    }

    fn choose_model(&self) -> Choice {
        self.choose_folder("", None)
    }

    fn reveal(&self, path: &Path) -> std::io::Result<()> {
        self.revealed.lock().unwrap().push(path.to_owned());
        Ok(())
    }
}

/// A folder with a few demo scenes, a small model that knows nothing yet, and settings that name it.
pub struct Room {
    folder: TempDir,
    /// What the dialogs answer.
    pub answers: Arc<Answers>,
    /// The published models; none of them is there.
    pub zoo: Option<Zoo>,
}

impl Room {
    /// A room with `images` scenes.
    pub fn new(images: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = DemoOptions {
            images,
            size: Size::new(160, 128).unwrap(),
            ..DemoOptions::default()
        };
        write_demo(&folder.path().join("streets"), &options, &mut Silent).unwrap();
        let model = folder.path().join("model.safetensors");
        small_model().save(&model).unwrap();
        let model = model.display().to_string();
        let settings = format!("model = {model:?}\ntour_seen = true\n");
        std::fs::write(folder.path().join("settings.toml"), settings).unwrap();
        let cache = Cache::at(&folder.path().join("cache"));
        let zoo = Zoo::new(Catalogue::published().unwrap(), cache);
        Self {
            folder,
            answers: Arc::default(),
            zoo: Some(zoo),
        }
    }

    /// Chooses the look that the window starts with.
    pub fn paint(&self, look: Look) {
        let path = self.path("settings.toml");
        let settings = Settings::read(&path).unwrap();
        Settings { look, ..settings }.write(&path).unwrap();
    }

    /// A path in the room.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder of images.
    pub fn streets(&self) -> PathBuf {
        self.path("streets")
    }

    fn setup(&self) -> Setup {
        Setup {
            started: Instant::now(),
            device: DeviceChoice::Cpu,
            places: Places {
                settings: self.path("settings.toml"),
                window: self.path("window.ron"),
                demo: self.path("demo"),
            },
            system: self.answers.clone(),
            zoo: self.zoo.clone(),
            folder: None,
        }
    }

    /// Starts the application without a screen.
    pub fn start(&self) -> Desk {
        let builder = screen::builder(SIZE, Theme::Dark);
        self.sit_down(builder)
    }

    /// Starts the application on a screen that can be looked at.
    pub fn start_painted(&self, state: &RenderState, theme: Theme) -> Desk {
        self.sit_down(screen::painted(SIZE, theme, state))
    }

    /// The same on a screen with this many pixels a point.
    pub fn start_dense(&self, state: &RenderState, theme: Theme, pixels_per_point: f32) -> Desk {
        let builder = screen::painted(SIZE, theme, state);
        self.sit_down(builder.with_pixels_per_point(pixels_per_point))
    }

    fn sit_down(&self, builder: egui_kittest::HarnessBuilder<App>) -> Desk {
        let setup = self.setup();
        let harness = builder.build_eframe(|creation| App::new(creation, setup).unwrap());
        let mut desk = Desk { harness };
        desk.wait_until("the model is read", |state| state.model.card.is_some());
        desk
    }
}

/// A network of the family that a test can afford, with the Cityscapes classes.
pub fn small_model() -> Model {
    let palette = Palette::cityscapes();
    let config = Config {
        depth_multiplier: 0.25,
        crop_size: None,
        aspp_convs_filters: 16,
        num_classes: palette.len(),
        ..Config::default()
    };
    let device = ComputeDevice::cpu();
    Model {
        network: config.init_seeded(7, &device.device).unwrap(),
        palette,
        info: ModelInfo {
            name: "small".to_owned(),
            licence: String::new(),
            source: "a test".to_owned(),
            provenance: Vec::new(),
            input_size: 129,
        },
        accounting: Accounting::default(),
    }
}

/// A running window.
pub struct Desk {
    /// egui's own test harness, for what the words below don't say.
    pub harness: Harness<'static, App>,
}

impl Desk {
    /// What the window shows.
    pub fn state(&self) -> &State {
        self.harness.state().state()
    }

    /// Draws a frame or two, so that what was asked for happens.
    pub fn settle(&mut self) {
        self.harness.run_steps(3);
    }

    /// Draws frames until `reached`.
    #[track_caller]
    pub fn wait_until(&mut self, what: &str, reached: impl Fn(&State) -> bool) {
        let start = Instant::now();
        loop {
            self.harness.step();
            if reached(self.state()) {
                return self.settle();
            }
            let notes: Vec<&str> = self.harness.state().notes().collect();
            assert!(
                start.elapsed() < PATIENCE,
                "waited in vain until {what}; notes: {notes:?}"
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Drops a folder or file on the window.
    pub fn drop_path(&mut self, path: &Path) {
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
        let file = Arc::new(Dropped(path.to_owned()));
        self.harness.input_mut().dropped_files.push(file);
        self.harness.step();
    }

    /// Drops a folder and waits for its first image, and until all that comes with it is shown, so
    /// that nothing moves under the pointer.
    pub fn open(&mut self, folder: &Path) {
        self.drop_path(folder);
        self.wait_until("an image is on the canvas", |state| {
            let counted = state.document.is_some() && state.classes.counts.pixels().is_some();
            counted && !state.jobs.is_running(Task::Survey)
        });
    }

    /// Presses a key.
    pub fn press(&mut self, key: Key) {
        self.chord(Modifiers::NONE, key);
    }

    /// Presses a key with others held.
    pub fn chord(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.settle();
    }

    /// Presses the first keys of a command.
    pub fn command(&mut self, command: Command) {
        let shortcut = command.shortcuts()[0];
        self.chord(shortcut.modifiers, shortcut.logical_key);
    }

    /// Clicks what has this accessible name.
    #[track_caller]
    pub fn click(&mut self, name: &str) {
        self.harness.get_by_label(name).click();
        self.settle();
    }

    /// Enters a number where this name stands.
    #[track_caller]
    pub fn enter(&mut self, name: &str, value: f64) {
        self.harness
            .get_by_role_and_label(egui::accesskit::Role::SpinButton, name)
            .set_value_accesskit(value);
        self.settle();
    }

    /// Moves the slider of this name to a value.
    #[track_caller]
    pub fn slide(&mut self, name: &str, value: f64) {
        self.harness
            .get_by_role_and_label(egui::accesskit::Role::Slider, name)
            .set_value_accesskit(value);
        self.settle();
    }

    /// Whether something has this accessible name.
    pub fn sees(&self, name: &str) -> bool {
        self.harness
            .query_all_by_label_contains(name)
            .next()
            .is_some()
    }

    /// Where an image pixel's middle is on the screen.
    pub fn on_screen(&self, [x, y]: [u32; 2]) -> Pos2 {
        let view = self
            .harness
            .state()
            .canvas()
            .view()
            .expect("an image is shown");
        view.to_screen(pos2(x as f32 + 0.5, y as f32 + 0.5))
    }

    /// Presses, moves along `points` (image pixels) and lets go.
    pub fn drag(&mut self, points: &[[u32; 2]]) {
        self.drag_with(PointerButton::Primary, points);
    }

    /// As [`Desk::drag`], with another button.
    pub fn drag_with(&mut self, button: PointerButton, points: &[[u32; 2]]) {
        let path: Vec<Pos2> = points.iter().map(|point| self.on_screen(*point)).collect();
        self.harness.hover_at(path[0]);
        self.harness.step();
        self.button(button, path[0], true);
        for point in &path[1..] {
            self.harness.hover_at(*point);
            self.harness.step();
        }
        self.button(button, path[path.len() - 1], false);
        self.settle();
    }

    /// Presses and moves, without letting go.
    pub fn begin_drag(&mut self, points: &[[u32; 2]]) {
        let path: Vec<Pos2> = points.iter().map(|point| self.on_screen(*point)).collect();
        self.harness.hover_at(path[0]);
        self.harness.step();
        self.button(PointerButton::Primary, path[0], true);
        for point in &path[1..] {
            self.harness.hover_at(*point);
            self.harness.step();
        }
    }

    /// Lets go of the button that [`Desk::begin_drag`] holds.
    pub fn release(&mut self) {
        self.button(PointerButton::Primary, Pos2::ZERO, false);
        self.settle();
    }

    /// Clicks on an image pixel.
    pub fn click_at(&mut self, point: [u32; 2]) {
        self.drag(&[point]);
    }

    fn button(&mut self, button: PointerButton, pos: Pos2, pressed: bool) {
        self.button_holding(Modifiers::NONE, button, pos, pressed);
    }

    fn button_holding(
        &mut self,
        modifiers: Modifiers,
        button: PointerButton,
        pos: Pos2,
        pressed: bool,
    ) {
        self.harness.event(Event::PointerButton {
            pos,
            button,
            pressed,
            modifiers,
        });
        self.harness.step();
    }

    /// As [`Desk::drag`], with keys held when the button goes down.
    pub fn drag_holding(&mut self, modifiers: Modifiers, points: &[[u32; 2]]) {
        let path: Vec<Pos2> = points.iter().map(|point| self.on_screen(*point)).collect();
        self.hover(points[0]);
        self.button_holding(modifiers, PointerButton::Primary, path[0], true);
        for point in &path[1..] {
            self.harness.hover_at(*point);
            self.harness.step();
        }
        self.button(PointerButton::Primary, path[path.len() - 1], false);
        self.settle();
    }

    /// Moves the pointer over an image pixel.
    pub fn hover(&mut self, point: [u32; 2]) {
        let pos = self.on_screen(point);
        self.harness.hover_at(pos);
        self.settle();
    }

    /// The label of an image pixel.
    pub fn label(&self, [x, y]: [u32; 2]) -> Option<u8> {
        self.state().document.as_ref()?.labels.get(x, y)
    }

    /// All labels of the open image.
    pub fn labels(&self) -> Vec<u8> {
        let document = self.state().document.as_ref().expect("an image is open");
        document.labels.to_vec()
    }

    /// Waits until every stroke is on disk.
    pub fn wait_saved(&mut self) {
        self.wait_until("everything is saved", |state| {
            state
                .document
                .as_ref()
                .is_some_and(|document| document.unwritten == 0)
        });
    }

    /// Closes the window as the system would, and waits for its threads.
    pub fn close(self) {
        let mut app = self.harness.into_state();
        eframe::App::on_exit(&mut app);
    }
}

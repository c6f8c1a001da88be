//! The window: takes input, lets the panels draw, and has the commands handled.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use atrous_engine::device::DeviceChoice;
use atrous_engine::zoo::Zoo;
use atrous_widgets::canvas::Canvas;
use atrous_widgets::command_palette::Palette;
use atrous_widgets::theme;
use atrous_widgets::toasts::{Level, Toasts};

use crate::action::{Action, Actions};
use crate::background::Background;
use crate::command::Command;
use crate::panels::{self, StripView, Surface};
use crate::state::{Settings, State};
use crate::system::{Desktop, Places, System};
use crate::waits::Waits;
use crate::{commands, keyboard};

/// What a window is given.
pub struct Setup {
    /// The device that networks run on.
    pub device: DeviceChoice,
    /// Where settings and the demo are kept.
    pub places: Places,
    /// The system's dialogs.
    pub system: Arc<dyn System>,
    /// The published models and where they are kept; none where there is no place for them.
    pub zoo: Option<Zoo>,
    /// A folder of images to open at once.
    pub folder: Option<PathBuf>,
    /// When the program was started.
    pub started: Instant,
}

/// The application behind the window.
pub struct App {
    pub(crate) state: State,
    pub(crate) surface: Surface,
    pub(crate) toasts: Toasts,
    pub(crate) background: Background,
    pub(crate) places: Places,
    pub(crate) system: Arc<dyn System>,
    /// When the film strip was last brought up to date.
    pub(crate) listed_at: Instant,
    pub(crate) waits: Waits,
}

/// A frame may be laid out so often: as it was when an image is asked for, while that is fetched,
/// and with it.
const LAYOUTS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(2);

/// Opens the window and returns when it is closed.
///
/// `folder` is opened at once. Networks run on `device`, the window on its own.
///
/// # Errors
/// When there is no display, no way to draw on it, or no home folder.
pub fn run_window(folder: Option<PathBuf>, device: DeviceChoice) -> anyhow::Result<()> {
    let started = Instant::now();
    let places = Places::of_system()?;
    let options = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title("Atrous")
            .with_app_id("atrous")
            .with_inner_size([1280.0, 800.0])
            .with_min_inner_size([880.0, 560.0]),
        persistence_path: Some(places.window.clone()),
        ..Default::default()
    };
    let setup = Setup {
        device,
        places,
        system: Arc::new(Desktop),
        zoo: Zoo::of_user()
            .inspect_err(|error| tracing::warn!("{error}"))
            .ok(),
        folder,
        started,
    };
    eframe::run_native(
        "atrous",
        options,
        Box::new(move |creation| Ok(Box::new(App::new(creation, setup)?))),
    )
    .map_err(|error| anyhow::anyhow!("opening the window failed: {error}"))
}

impl App {
    /// The application for a window that is being made.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn new(creation: &eframe::CreationContext<'_>, setup: Setup) -> anyhow::Result<Self> {
        let context = &creation.egui_ctx;
        theme::install(context);
        // Ctrl with plus, minus and 0 zooms the image, not the whole window.
        context.options_mut(|options| {
            options.zoom_with_keyboard = false;
            options.max_passes = LAYOUTS;
        });
        let mut toasts = Toasts::default();
        let settings = Settings::read(&setup.places.settings).unwrap_or_else(|error| {
            toasts.add(Level::Warning, error.to_string());
            Settings::default()
        });
        let wake = {
            let context = context.clone();
            move || context.request_repaint()
        };
        let mut app = Self {
            state: State::new(settings, setup.zoo),
            surface: Surface {
                canvas: Canvas::new(creation.wgpu_render_state.as_ref()),
                commands: Palette::default(),
                classes: Palette::default(),
                hovered_class: None,
                strip: StripView::default(),
            },
            toasts,
            background: Background::start(setup.device, wake)?,
            places: setup.places,
            system: setup.system,
            listed_at: Instant::now(),
            waits: Waits::new(setup.started),
        };
        commands::start(&mut app, context, setup.folder);
        Ok(app)
    }

    /// What the window shows.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Where the image is on the screen, while one is shown.
    pub fn canvas(&self) -> &Canvas {
        &self.surface.canvas
    }

    /// The notes in view.
    pub fn notes(&self) -> impl Iterator<Item = &str> {
        self.toasts.texts().map(|(_, text)| text)
    }

    /// The last wish to read an image.
    fn wish(&self) -> Option<u64> {
        self.state.project.as_ref().map(|open| open.wish)
    }

    /// Does what was asked for so far.
    fn perform(&mut self, context: &egui::Context, actions: &mut Actions) {
        let actions = actions.take();
        if !actions.is_empty() {
            // What they change is seen in the next frame at the latest.
            context.request_repaint();
        }
        for action in actions {
            commands::perform(self, context, action);
        }
    }

    /// Folders dropped on the window are opened; a dropped file opens the folder it is in.
    fn read_drops(context: &egui::Context, actions: &mut Actions) {
        let dropped = context.input(|input| {
            input
                .raw
                .dropped_files
                .first()
                .map(|file| file.path().to_owned())
        });
        if let Some(path) = dropped {
            actions.send(Action::Open(path));
        }
    }
}

impl eframe::App for App {
    fn logic(&mut self, context: &egui::Context, _frame: &mut eframe::Frame) {
        self.waits.frame_begins();
        commands::refresh(self);
        for message in self.background.messages() {
            commands::receive(self, context, message);
        }
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        let context = ui.ctx().clone();
        let mut actions = Actions::default();
        let wish = self.wish();
        Self::read_drops(&context, &mut actions);
        let covered = self.surface.is_covered(&self.state);
        keyboard::read(&context, &self.state, covered, &mut actions);
        // What a key asks for is seen in this frame already.
        self.perform(&context, &mut actions);
        panels::show(ui, &self.state, &mut self.surface, &mut actions);
        let bottom = theme::tokens(&context).space.row + 12.0;
        if let Some(place) = self.toasts.show(&context, bottom) {
            actions.run(Command::ALL[place]);
        }
        self.waits.frame_done(&context);
        self.perform(&context, &mut actions);
        if self.wish() != wish || commands::has_image_come(self) {
            // The image that was asked for is laid out in place of the one before, which would take
            // a frame's time to paint; if it was read ahead, it is here by the end of the next pass.
            context.request_discard("another image was asked for");
        }
    }

    fn on_exit(&mut self) {
        commands::finish(self);
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }
}

//! What the window asks of the machine it runs on: folders to keep things in, the system's own
//! dialogs, and showing a file with the application that the person uses for it.

use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::{Command, Stdio};

use atrous_engine::weights::model_endings;
use etcetera::BaseStrategy as _;

/// Where the application keeps its own files.
#[derive(Debug, Clone)]
pub struct Places {
    /// The settings file.
    pub settings: PathBuf,
    /// The window's size and place.
    pub window: PathBuf,
    /// The folder in which the demo is drawn.
    pub demo: PathBuf,
}

impl Places {
    /// The folders that this system has for such files.
    ///
    /// # Errors
    /// When the person has no home folder.
    pub fn of_system() -> anyhow::Result<Self> {
        let base = etcetera::choose_base_strategy()?;
        let settings = base.config_dir().join("atrous");
        Ok(Self {
            settings: settings.join("settings.toml"),
            window: settings.join("window.ron"),
            demo: base.data_dir().join("atrous").join("demo"),
        })
    }
}

/// An answer that takes as long as the person takes; none where they changed their mind.
pub type Choice = Pin<Box<dyn Future<Output = Option<PathBuf>> + Send>>;

/// The system's own dialogs. Tests put their own in place.
pub trait System: Send + Sync {
    /// Asks for a folder.
    fn choose_folder(&self, title: &str, start: Option<&Path>) -> Choice;

    /// Asks for a model file.
    fn choose_model(&self) -> Choice;

    /// Shows a file or folder with its own application.
    ///
    /// # Errors
    /// When there is none.
    fn reveal(&self, path: &Path) -> std::io::Result<()>;
}

/// The desktop that the application runs on.
#[derive(Debug, Clone, Copy, Default)]
pub struct Desktop;

impl System for Desktop {
    fn choose_folder(&self, title: &str, start: Option<&Path>) -> Choice {
        let mut dialog = rfd::AsyncFileDialog::new().set_title(title);
        if let Some(start) = start {
            dialog = dialog.set_directory(start);
        }
        let answer = dialog.pick_folder();
        Box::pin(async move { answer.await.map(|handle| handle.path().to_owned()) })
    }

    fn choose_model(&self) -> Choice {
        // An archive as the publishers offer it, too.
        let endings = [model_endings(), vec!["gz"]].concat();
        let answer = rfd::AsyncFileDialog::new()
            .set_title("Choose a model")
            .add_filter("Models", &endings)
            .pick_file();
        Box::pin(async move { answer.await.map(|handle| handle.path().to_owned()) })
    }

    fn reveal(&self, path: &Path) -> std::io::Result<()> {
        let opener = if cfg!(target_os = "macos") {
            "open"
        } else if cfg!(target_os = "windows") {
            "explorer"
        } else {
            "xdg-open"
        };
        Command::new(opener)
            .arg(path)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map(drop)
    }
}

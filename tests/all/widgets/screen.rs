//! One harness for every test that looks at pixels: one wgpu device a process (software where
//! there is one), one threshold, one folder of snapshots.

use std::panic::catch_unwind;
use std::sync::{Mutex, OnceLock, PoisonError};

use atrous_widgets::theme::{self, Theme};
use eframe::egui_wgpu::wgpu::Backends;
use eframe::egui_wgpu::{RenderState, RendererOptions, WgpuSetup, WgpuSetupExisting};
use egui_kittest::wgpu::{WgpuTestRenderer, create_render_state, default_wgpu_setup};
use egui_kittest::{Harness, HarnessBuilder, SnapshotOptions};

/// A fresh renderer on the shared device; `None`, and a loud line, where there is no adapter.
pub fn render_state() -> Option<RenderState> {
    static DEVICE: OnceLock<Option<WgpuSetupExisting>> = OnceLock::new();
    // Looking for adapters on several threads at once upsets the drivers.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let device = DEVICE.get_or_init(|| {
        let state =
            catch_unwind(|| create_render_state(without_opengl(), RendererOptions::PREDICTABLE));
        state.ok().map(|state| WgpuSetupExisting {
            instance: state.instance,
            adapter: state.adapter,
            device: state.device,
            queue: state.queue,
        })
    });
    let Some(device) = device else {
        eprintln!("SKIPPED: no wgpu adapter, not even a software one");
        return None;
    };
    let setup = WgpuSetup::Existing(device.clone());
    Some(create_render_state(setup, RendererOptions::PREDICTABLE))
}

/// The harness's own setup without OpenGL: its contexts belong to one thread each, and every
/// renderer lists and drops the adapters of all that the instance holds.
fn without_opengl() -> WgpuSetup {
    let mut setup = default_wgpu_setup();
    if let WgpuSetup::CreateNew(new) = &mut setup {
        new.instance_descriptor.backends.remove(Backends::GL);
    }
    setup
}

/// A builder in our style, without a renderer.
pub fn builder<State>(size: [f32; 2], theme: Theme) -> HarnessBuilder<State> {
    Harness::<State>::builder()
        .with_size(size)
        .with_theme(egui::Theme::from(theme))
        .with_context_setup(theme::install)
}

/// A builder that paints with `state`.
pub fn painted<State>(size: [f32; 2], theme: Theme, state: &RenderState) -> HarnessBuilder<State> {
    builder(size, theme).renderer(WgpuTestRenderer::from_render_state(state.clone()))
}

/// Compares with `tests/snapshots/NAME_THEME.png`.
pub fn compare<State>(harness: &mut Harness<'_, State>, name: &str, theme: Theme) {
    let name = format!("{name}_{theme:?}").to_lowercase();
    let options = SnapshotOptions::new()
        .threshold(0.6)
        .max_failed_pixels(0)
        .output_path("snapshots");
    harness.snapshot_options(name, &options);
}

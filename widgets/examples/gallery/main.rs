//! Every widget in one window, to look at: `cargo run --release --example gallery [light]`.

mod scenes;

use atrous_widgets::theme::{self, Theme};
use egui::{Frame, Margin, Panel};
use scenes::Gallery;

struct App(Gallery);

impl eframe::App for App {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        let tokens = theme::tokens(ui.ctx());
        let bar = Frame::new()
            .fill(tokens.color.bar)
            .inner_margin(Margin::symmetric(8, 2));
        let side = Frame::new().fill(tokens.color.panel).inner_margin(8);
        let gallery = &mut self.0;
        Panel::top("tools")
            .frame(bar)
            .show(ui, |ui| gallery.tools(ui));
        Panel::bottom("status").frame(bar).show(ui, scenes::status);
        Panel::left("strip")
            .frame(side)
            .default_size(250.0)
            .show(ui, |ui| gallery.strip(ui));
        Panel::right("classes")
            .frame(side)
            .default_size(270.0)
            .show(ui, |ui| {
                gallery.classes(ui);
                ui.add_space(12.0);
                scenes::curves(ui);
                ui.add_space(12.0);
                gallery.controls(ui);
                ui.add_space(12.0);
                scenes::all_icons(ui);
            });
        Panel::bottom("empty")
            .frame(side)
            .show(ui, |ui| scenes::empty(ui, false));
        gallery.canvas(ui);
        gallery.palette.show(ui.ctx(), &scenes::entries());
        gallery.toasts.show(ui.ctx(), 48.0);
    }
}

fn main() -> eframe::Result {
    let theme = match std::env::args().nth(1).as_deref() {
        Some("light") => Theme::Light,
        _ => Theme::Dark,
    };
    eframe::run_native(
        "Widgets",
        eframe::NativeOptions {
            viewport: egui::ViewportBuilder::default().with_inner_size([1280.0, 800.0]),
            ..Default::default()
        },
        Box::new(move |cc| {
            theme::install(&cc.egui_ctx);
            theme::apply(&cc.egui_ctx, theme);
            Ok(Box::new(App(Gallery::new(cc.wgpu_render_state.as_ref()))))
        }),
    )
}

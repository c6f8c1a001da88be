//! Inter for text, egui's own fonts for what Inter lacks and for monospace.

use std::sync::Arc;

use egui::{FontData, FontDefinitions, FontFamily, RichText};

const MEDIUM: &[u8] = include_bytes!("../../../assets/fonts/Inter-Medium.otf");
const SEMI_BOLD: &[u8] = include_bytes!("../../../assets/fonts/Inter-SemiBold.otf");

/// Adds both weights of Inter in front of egui's fonts.
pub(super) fn install(ctx: &egui::Context) {
    let mut fonts = FontDefinitions::default();
    let mut add = |name: &str, bytes: &'static [u8]| {
        fonts
            .font_data
            .insert(name.to_owned(), Arc::new(FontData::from_static(bytes)));
    };
    add("Inter Medium", MEDIUM);
    add("Inter SemiBold", SEMI_BOLD);

    let fallbacks = fonts
        .families
        .get(&FontFamily::Proportional)
        .cloned()
        .unwrap_or_default();
    let with = |name: &str| {
        let mut list = vec![name.to_owned()];
        list.extend(fallbacks.iter().cloned());
        list
    };
    fonts
        .families
        .insert(FontFamily::Proportional, with("Inter Medium"));
    fonts
        .families
        .insert(strong_family(), with("Inter SemiBold"));
    ctx.set_fonts(fonts);
}

/// The family of headings and strong text.
pub(super) fn strong_family() -> FontFamily {
    FontFamily::Name("strong".into())
}

/// Text in the heavier weight.
#[must_use]
pub fn strong(text: impl Into<String>) -> RichText {
    RichText::new(text).family(strong_family()).strong()
}

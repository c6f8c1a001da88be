//! Icons as glyphs: drawn as SVG, tinted with the text colour, sharp at any scale.
//!
//! Each icon is one private-use character, so it goes wherever text goes: buttons, labels,
//! a painter. A screen reader cannot read it, so a button of nothing but an icon needs a name:
//! [`crate::buttons::icon`] asks for one.

use egui::{Color32, FontId, RichText};
use egui_extras::SvgGlyph;

/// Declares the icons: a variant, its file's name, and the list of all of them.
macro_rules! icons {
    ($($variant:ident => $file:literal,)*) => {
        /// An icon of `assets/icons`.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        pub enum Icon {
            $(#[doc = concat!("`", $file, ".svg`")] $variant,)*
        }

        impl Icon {
            /// Every icon.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            fn svg(self) -> &'static [u8] {
                match self {
                    $(Self::$variant => {
                        include_bytes!(concat!("../../assets/icons/", $file, ".svg"))
                    })*
                }
            }
        }
    };
}

icons! {
    ActualSize => "actual-size",
    Brush => "brush",
    Check => "check",
    Close => "close",
    Command => "command",
    Confidence => "confidence",
    Demo => "demo",
    Disagreement => "disagreement",
    Eraser => "eraser",
    Error => "error",
    Export => "export",
    Eye => "eye",
    EyeOff => "eye-off",
    Fill => "fill",
    FineTune => "fine-tune",
    Fit => "fit",
    Folder => "folder",
    GrabCut => "grab-cut",
    Image => "image",
    Import => "import",
    Info => "info",
    Lasso => "lasso",
    Lock => "lock",
    MaskOperations => "mask-operations",
    Moon => "moon",
    Move => "move",
    Next => "next",
    NoExport => "no-export",
    Outline => "outline",
    Plus => "plus",
    Polygon => "polygon",
    Predict => "predict",
    PredictAll => "predict-all",
    Previous => "previous",
    Rectangle => "rectangle",
    Redo => "redo",
    Report => "report",
    Search => "search",
    Settings => "settings",
    SmartClick => "smart-click",
    Solo => "solo",
    Stop => "stop",
    Sun => "sun",
    Superpixels => "superpixels",
    Tones => "tones",
    Undo => "undo",
    Unlock => "unlock",
    Wand => "wand",
    Warning => "warning",
}

/// The first character of the Unicode private-use area.
const FIRST: u32 = 0xE000;

/// Where the icon's bottom edge is, in em above the baseline: its middle is then the middle of
/// a row of Inter, whose ascender is 0.969 em and descender 0.242 em.
const BOTTOM: f32 = (0.969 - 0.242) / 2.0 - 0.5;

impl Icon {
    /// The icon's character.
    #[must_use]
    pub fn glyph(self) -> char {
        char::from_u32(FIRST + self as u32).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    /// The icon as text of the given height in points.
    #[must_use]
    pub fn text(self, size: f32) -> RichText {
        RichText::new(self.glyph()).size(size)
    }
}

/// Teaches the context to draw every icon.
pub(crate) fn install(ctx: &egui::Context) {
    for icon in Icon::ALL {
        match SvgGlyph::from_bytes(icon.svg()) {
            Ok(glyph) => {
                let glyph = glyph.with_baseline_offset(BOTTOM).with_color(false);
                ctx.add_glyph_rasterizer(glyph.into_rasterizer(icon.glyph()));
            }
            Err(error) => unreachable!("{icon:?}, an embedded icon, does not parse: {error}"),
        }
    }
}

/// Paints an icon of `size` points, centred.
pub fn paint(painter: &egui::Painter, center: egui::Pos2, icon: Icon, size: f32, color: Color32) {
    painter.text(
        center,
        egui::Align2::CENTER_CENTER,
        icon.glyph(),
        FontId::proportional(size),
        color,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_icon_parses_and_leaves_ink() {
        for icon in Icon::ALL {
            let glyph = SvgGlyph::from_bytes(icon.svg()).unwrap();
            let bitmap = glyph.rasterize(24.0).unwrap().bitmap.image;
            assert_eq!(bitmap.size, [24, 24], "{icon:?} is not square");
            let ink = bitmap.pixels.iter().filter(|p| p.a() > 128).count();
            assert!(ink > 20, "{icon:?} is empty: {ink} pixels");
        }
    }

    #[test]
    fn every_file_is_an_icon() {
        // Asked at run time: a target folder may be shared by several checkouts.
        let here = std::env::var("CARGO_MANIFEST_DIR").unwrap();
        let folder = format!("{here}/../assets/icons");
        let files = std::fs::read_dir(folder)
            .unwrap()
            .filter(|entry| {
                let path = entry.as_ref().unwrap().path();
                path.extension().is_some_and(|e| e == "svg")
            })
            .count();
        assert_eq!(files, Icon::ALL.len());
    }
}

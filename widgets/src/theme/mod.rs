//! Named tokens for colours, distances and text sizes, and the egui style made of them.

mod fonts;
mod style;
mod tokens;

use std::sync::LazyLock;

pub use fonts::strong;
pub use tokens::{Colors, Radii, Space, TextSizes, Tokens};

use crate::icons;

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Theme {
    /// Light text on dark surfaces: images stand out best.
    #[default]
    Dark,
    /// Dark text on light surfaces.
    Light,
}

impl Theme {
    /// The other one.
    #[must_use]
    pub fn toggled(self) -> Self {
        match self {
            Self::Dark => Self::Light,
            Self::Light => Self::Dark,
        }
    }

    /// This theme's tokens.
    #[must_use]
    pub fn tokens(self) -> &'static Tokens {
        match self {
            Self::Dark => &DARK,
            Self::Light => &LIGHT,
        }
    }
}

impl From<egui::Theme> for Theme {
    fn from(theme: egui::Theme) -> Self {
        match theme {
            egui::Theme::Dark => Self::Dark,
            egui::Theme::Light => Self::Light,
        }
    }
}

impl From<Theme> for egui::Theme {
    fn from(theme: Theme) -> Self {
        match theme {
            Theme::Dark => Self::Dark,
            Theme::Light => Self::Light,
        }
    }
}

static DARK: LazyLock<Tokens> =
    LazyLock::new(|| embedded(include_str!("../../../assets/theme/dark.toml")));
static LIGHT: LazyLock<Tokens> =
    LazyLock::new(|| embedded(include_str!("../../../assets/theme/light.toml")));

/// Parses a file that is part of the binary; the test below has read both.
fn embedded(toml: &str) -> Tokens {
    match Tokens::parse(toml) {
        Ok(tokens) => tokens,
        Err(error) => unreachable!("an embedded theme does not parse: {error}"),
    }
}

/// Gives the context its fonts, its icons and both styles. Call once, before the first frame.
pub fn install(ctx: &egui::Context) {
    fonts::install(ctx);
    icons::install(ctx);
    for theme in [Theme::Dark, Theme::Light] {
        ctx.set_style_of(theme.into(), style::style(theme.tokens(), theme));
    }
}

/// Switches to a theme.
pub fn apply(ctx: &egui::Context, theme: Theme) {
    ctx.set_theme(egui::Theme::from(theme));
}

/// The tokens of the theme that the context shows now.
#[must_use]
pub fn tokens(ctx: &egui::Context) -> &'static Tokens {
    Theme::from(ctx.theme()).tokens()
}

/// The colour of a class, from its palette's red, green, blue.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "a class's colour is data of the palette, not of the theme"
)]
pub fn class_color([r, g, b]: [u8; 3]) -> egui::Color32 {
    egui::Color32::from_rgb(r, g, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_themes_set_every_token() {
        for (name, toml) in [
            ("dark", include_str!("../../../assets/theme/dark.toml")),
            ("light", include_str!("../../../assets/theme/light.toml")),
        ] {
            if let Err(error) = Tokens::parse(toml) {
                panic!("{name}.toml: {error}");
            }
        }
    }

    #[test]
    fn text_is_readable_on_every_surface() {
        for theme in [Theme::Dark, Theme::Light] {
            let c = &theme.tokens().color;
            for surface in [c.panel, c.bar, c.surface, c.field] {
                assert!(contrast(c.text_strong, surface) >= 7.0, "{theme:?} strong");
                assert!(contrast(c.text, surface) >= 7.0, "{theme:?} text");
                assert!(contrast(c.text_weak, surface) >= 4.5, "{theme:?} weak");
                for note in [c.info, c.success, c.warning, c.error] {
                    assert!(contrast(note, surface) >= 4.5, "{theme:?} {note:?}");
                }
            }
            assert!(contrast(c.text_strong, c.row_selected) >= 7.0);
            for button in [c.button, c.button_hover, c.button_active] {
                assert!(
                    contrast(c.text, button) >= 4.5,
                    "{theme:?} text on a button"
                );
            }
            for accent in [c.accent, c.accent_hover, c.accent_active] {
                assert!(
                    contrast(c.text_on_accent, accent) >= 4.5,
                    "{theme:?} on accent"
                );
            }
            for row in [c.surface, c.row_selected, c.row_selected_hover] {
                assert!(contrast(c.match_text, row) >= 4.5, "{theme:?} match");
            }
        }
    }

    #[test]
    fn the_focus_and_the_edges_of_fields_are_seen_on_every_surface() {
        for theme in [Theme::Dark, Theme::Light] {
            let c = &theme.tokens().color;
            for surface in [c.panel, c.bar, c.surface, c.field, c.canvas, c.row_selected] {
                assert!(contrast(c.focus, surface) >= 3.0, "{theme:?} focus");
            }
            for surface in [c.panel, c.surface, c.field] {
                assert!(contrast(c.field_edge, surface) >= 3.0, "{theme:?} field");
            }
        }
    }

    /// The contrast ratio of WCAG 2.1, from 1 to 21.
    fn contrast(a: egui::Color32, b: egui::Color32) -> f32 {
        let luminance = |color: egui::Color32| {
            let [r, g, b, _] = egui::Rgba::from(color).to_array();
            0.2126 * r + 0.7152 * g + 0.0722 * b
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }
}

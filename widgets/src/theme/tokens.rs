//! The token file: what it must hold, and how its colours are written.

use egui::Color32;
use serde::{Deserialize, Deserializer};

/// One theme: everything that a widget may paint with.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tokens {
    /// Named colours.
    pub color: Colors,
    /// Distances, in points.
    pub space: Space,
    /// Corner radii, in points.
    pub radius: Radii,
    /// Text sizes, in points.
    pub text: TextSizes,
}

impl Tokens {
    /// Reads a token file. A missing, unknown or malformed token is an error that names it.
    pub(super) fn parse(toml: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(toml)
    }
}

/// Distances, in points.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Space {
    /// Between neighbouring widgets.
    pub item: f32,
    /// Between an icon and its text.
    pub gap: f32,
    /// Height of a list row and of a button.
    pub row: f32,
    /// Height of the top and bottom bars.
    pub bar: f32,
    /// Around the content of a panel.
    pub padding: f32,
    /// A nested row's indent.
    pub indent: f32,
    /// Size of an icon.
    pub icon: f32,
    /// Width of a scroll bar.
    pub scrollbar: f32,
    /// Height of a thumbnail in the film strip.
    pub thumbnail: f32,
    /// Width of the command palette.
    pub palette_width: f32,
}

/// Corner radii, in points.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Radii {
    /// Buttons, rows, fields.
    pub widget: u8,
    /// Windows, menus, cards.
    pub window: u8,
}

/// Text sizes, in points.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextSizes {
    /// Nearly everything.
    pub body: f32,
    /// Secondary notes.
    pub small: f32,
    /// A panel's heading.
    pub heading: f32,
    /// Numbers that must line up.
    pub mono: f32,
}

/// Declares the colour tokens: each one is required, and read by [`hex`].
macro_rules! colors {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Named colours.
        #[derive(Clone, Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Colors {
            $($(#[$doc])* #[serde(deserialize_with = "hex")] pub $name: Color32,)*
        }
    };
}

colors! {
    /// Behind the image.
    canvas,
    /// Side panels.
    panel,
    /// Top and bottom bars.
    bar,
    /// Cards, menus, windows: what floats.
    surface,
    /// Text fields.
    field,
    /// The line around a text field.
    field_edge,
    /// Lines between panels.
    separator,
    /// Under what floats.
    shadow,
    /// Text at rest.
    text,
    /// Headings, and text that is hovered or selected.
    text_strong,
    /// Secondary text.
    text_weak,
    /// Text of what cannot be used now.
    text_disabled,
    /// Text on `accent`.
    text_on_accent,
    /// A button at rest.
    button,
    /// A hovered button.
    button_hover,
    /// A pressed button.
    button_active,
    /// A hovered button that has no fill at rest.
    ghost_hover,
    /// A pressed or switched-on button that has no fill at rest.
    ghost_active,
    /// A hovered list row.
    row_hover,
    /// The selected list row.
    row_selected,
    /// The selected list row, hovered.
    row_selected_hover,
    /// The primary button, progress, selection.
    accent,
    /// The primary button, hovered.
    accent_hover,
    /// The primary button, pressed.
    accent_active,
    /// The keyboard's focus.
    focus,
    /// Letters that a search found.
    match_text,
    /// A note that informs.
    info,
    /// A note that something is done.
    success,
    /// A note that wants attention.
    warning,
    /// A note that something failed.
    error,
    /// An image without labels.
    status_unlabelled,
    /// An image labelled by a model only.
    status_predicted,
    /// An image corrected by hand.
    status_corrected,
    /// An image that a person called done.
    status_reviewed,
    /// An image that could not be read.
    status_failed,
    /// Over pixels that the model is sure of.
    heat_low,
    /// Over pixels that the model is unsure of.
    heat_high,
    /// The brush ring and the vertices of a polygon.
    ring,
    /// Their edge, so that they show on any image.
    ring_shade,
    /// The training loss.
    curve_loss,
    /// The held-out score.
    curve_score,
    /// A plot's grid.
    grid,
}

/// Reads `"#rrggbb"` or `"#rrggbbaa"`, alpha straight.
fn hex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Color32, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_hex(&text).ok_or_else(|| {
        serde::de::Error::custom(format!(
            "expected a colour like \"#1f4173\" or \"#1f4173ff\", found {text:?}"
        ))
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where tokens become colours"
)]
fn parse_hex(text: &str) -> Option<Color32> {
    let digits = text.strip_prefix('#')?;
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let value = u32::from_str_radix(digits, 16).ok()?;
    let [r, g, b, a] = match digits.len() {
        6 => [(value >> 16) as u8, (value >> 8) as u8, value as u8, 255],
        8 => value.to_be_bytes(),
        _ => return None,
    };
    Some(Color32::from_rgba_unmultiplied(r, g, b, a))
}

#[cfg(test)]
mod tests {
    use super::parse_hex;

    #[test]
    fn colours_are_six_or_eight_hex_digits() {
        assert_eq!(
            parse_hex("#1f4173").map(|c| c.to_array()),
            Some([0x1f, 0x41, 0x73, 255])
        );
        assert_eq!(
            parse_hex("#ffffff00").map(|c| c.to_array()),
            Some([0, 0, 0, 0])
        );
        for bad in [
            "1f4173", "#1f417", "#1f41733", "#+f4173", "#gg0000", "", "#",
        ] {
            assert_eq!(parse_hex(bad), None, "{bad:?}");
        }
    }
}

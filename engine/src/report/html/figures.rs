//! Numbers as text, and small drawings.

use atrous_palettes::{Class, Palette};
use maud::{Markup, html};

/// A score from 0 to 1 as a percentage with one place, without the sign: `75.6`.
pub(super) fn percent(score: f64) -> String {
    format!("{:.1}", 100.0 * score)
}

/// As [`percent`], with the words for a score that nothing is known of.
pub(super) fn percent_or_none(score: Option<f64>) -> String {
    score.map_or_else(|| "no evidence".to_owned(), percent)
}

/// A count with thin spaces between thousands.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('\u{2009}');
        }
        text.push(digit);
    }
    text
}

/// `part` of `whole` as a percentage that is never rounded to nothing.
pub(super) fn share(part: u64, whole: u64) -> String {
    if part == 0 || whole == 0 {
        return "0 %".to_owned();
    }
    let percent = 100.0 * part as f64 / whole as f64;
    if percent < 0.1 {
        "< 0.1 %".to_owned()
    } else {
        format!("{percent:.1} %")
    }
}

/// `image` or `images`.
pub(super) fn images(count: usize) -> &'static str {
    if count == 1 { "image" } else { "images" }
}

/// A colour as CSS writes it.
pub(super) fn css([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// A class's colour as a small square.
pub(super) fn swatch(color: [u8; 3]) -> Markup {
    html! { span.swatch style={ "background:" (css(color)) } {} }
}

/// The first cell of a class's row.
pub(super) fn class_name(class: &Class) -> Markup {
    html! { td.name { (swatch(class.color)) (class.name) } }
}

/// The classes of which something is known, each with its index and that; the best by `score` first.
pub(super) fn best_first<T>(
    palette: &Palette,
    known: impl Fn(usize) -> Option<T>,
    score: impl Fn(&T) -> f64,
) -> Vec<(usize, &Class, T)> {
    let classes = palette.classes.iter().enumerate();
    let mut classes: Vec<_> = classes
        .filter_map(|(index, class)| Some((index, class, known(index)?)))
        .collect();
    classes.sort_by(|(.., a), (.., b)| score(b).total_cmp(&score(a)));
    classes
}

/// A bar from 0 to 1 in `fill`.
pub(super) fn bar(score: f64, fill: &str) -> Markup {
    let width = format!("{:.2}%", 100.0 * score.clamp(0.0, 1.0));
    html! {
        svg height="14" role="img" aria-label={ (percent(score)) " %" } {
            rect.track width="100%" height="14" rx="4" {}
            rect width=(width) height="14" rx="4" fill=(fill) {}
            @if score > 0.0 {
                rect.edge width=(width) height="13" y="0.5" rx="4" fill="none" {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_read_them() {
        assert_eq!(percent(0.756), "75.6");
        assert_eq!(percent_or_none(None), "no evidence");
        assert_eq!(count(7), "7");
        assert_eq!(count(1_234_567), "1\u{2009}234\u{2009}567");
        assert_eq!(count(123_456), "123\u{2009}456");
        assert_eq!(share(0, 10), "0 %");
        assert_eq!(share(1, 100_000), "< 0.1 %");
        assert_eq!(share(1, 8), "12.5 %");
        assert_eq!(css([128, 0, 255]), "#8000ff");
    }
}

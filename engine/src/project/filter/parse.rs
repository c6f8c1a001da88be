//! From words to conditions.

use atrous_palettes::{Palette, VOID};

use super::fault::Fault;
use super::pattern::Pattern;
use super::term::{Bounds, Figure, Progress, Term, Test};
use super::word::Word;
use crate::project::record::Status;

/// The keys that a word can begin with, those for the same thing beside each other.
pub(super) const KEYS: [(&str, Key); 8] = [
    ("status", Key::Status),
    ("label", Key::Label),
    ("class", Key::Label),
    ("unc", Key::Figure(Figure::Uncertainty)),
    ("uncertainty", Key::Figure(Figure::Uncertainty)),
    ("dis", Key::Figure(Figure::Disagreement)),
    ("disagreement", Key::Figure(Figure::Disagreement)),
    ("export", Key::Export),
];

/// What a word asks about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Status,
    Label,
    Figure(Figure),
    Export,
    Name,
}

/// The signs between a figure and a number, the longer ones first.
const SIGNS: [&str; 4] = [">=", "<=", ">", "<"];

/// The words for how far an image is.
pub(super) fn progress() -> impl Iterator<Item = (&'static str, Progress)> {
    let statuses = Status::ALL.into_iter();
    let statuses = statuses.map(|status| (status.name(), Progress::At(status)));
    statuses.chain([("broken", Progress::Broken)])
}

/// The words for whether exports have an image.
pub(super) const EXPORTED: [(&str, bool); 2] = [("no", false), ("yes", true)];

/// The key of a name, in any case.
pub(super) fn key_of(name: &str) -> Option<Key> {
    let mut keys = KEYS.into_iter().chain([("name", Key::Name)]);
    let found = keys.find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, key)| key)
}

/// The condition of a word.
pub(super) fn term(word: &Word, palette: &Palette) -> Result<Term, Fault> {
    let plain = &word.text[..word.plain];
    let test = match plain.find([':', '<', '>', '=']) {
        None => Test::Name(Pattern::part(&word.text)),
        Some(at) => {
            let (name, value) = word.text.split_at(at);
            let Some(key) = key_of(name) else {
                return Err(word.fault(
                    "status:, label:, unc>, dis>, export: or name: before it, or quotes around a name",
                ));
            };
            keyed(word, key, value, palette)?
        }
    };
    Ok(Term {
        negated: word.negated,
        test,
    })
}

/// The condition of a word with a key; `value` begins with the sign behind the key.
fn keyed(word: &Word, key: Key, value: &str, palette: &Palette) -> Result<Test, Fault> {
    let after_colon = value.strip_prefix(':');
    match (key, after_colon) {
        (Key::Name, Some("")) => Err(word.fault("a name behind it, as in name:*.jpg")),
        (Key::Name, Some(name)) => Ok(Test::Name(Pattern::name(name))),
        (Key::Name, None) => Err(word.fault("a colon, as in name:*.jpg")),
        (Key::Status, Some(names)) => {
            let wanted = names.split(',').map(|name| status(word, name));
            Ok(Test::Status(wanted.collect::<Result<_, _>>()?))
        }
        (Key::Status, None) => Err(word.fault("a colon, as in status:predicted")),
        (Key::Label, Some(names)) => label(word, names, palette),
        (Key::Label, None) => Err(word.fault("a colon, as in label:car")),
        (Key::Export, word_after) => {
            let same = |(name, _): &(&str, bool)| {
                word_after.is_some_and(|word| word.eq_ignore_ascii_case(name))
            };
            let exported = EXPORTED.into_iter().find(same);
            let exported = exported.ok_or_else(|| word.fault("export:no or export:yes"))?;
            Ok(Test::Exported(exported.1))
        }
        (Key::Figure(figure), _) => {
            let bounds = match after_colon {
                Some(range) => range_of(range),
                None => compared(value),
            };
            let bounds = bounds
                .ok_or_else(|| word.fault("a number, as in unc>0.4, unc<=20% or unc:0.2..0.5"))?;
            Ok(Test::Figure { figure, bounds })
        }
    }
}

fn status(word: &Word, name: &str) -> Result<Progress, Fault> {
    let mut known = progress();
    let found = known.find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, progress)| progress).ok_or_else(|| {
        let names: Vec<&str> = progress().map(|(name, _)| name).collect();
        word.fault(format!("status:{}", names.join(", ")))
    })
}

/// Class names parted by commas, then perhaps the share that the class covers.
fn label(word: &Word, names: &str, palette: &Palette) -> Result<Test, Fault> {
    let end = names.find(['<', '>']).unwrap_or(names.len());
    let (names, share) = names.split_at(end);
    let share = match share {
        "" => Bounds::ALL,
        share => {
            compared(share).ok_or_else(|| word.fault("a part of the image, as in label:car>5%"))?
        }
    };
    let classes = names
        .split(',')
        .map(|name| class(name, palette).ok_or_else(|| word.fault(expected_class(name, palette))));
    Ok(Test::Label {
        classes: classes.collect::<Result<_, _>>()?,
        share,
    })
}

/// The class of a name.
fn class(name: &str, palette: &Palette) -> Option<u8> {
    let same = |known: &str| known.to_lowercase() == name.to_lowercase();
    let mut classes = (0..VOID).zip(&palette.classes);
    let found = classes.find(|(_, class)| same(&class.name));
    let void = || same("void").then_some(VOID);
    found.map(|(index, _)| index).or_else(void)
}

/// The classes that could be meant, or the first few of all.
fn expected_class(name: &str, palette: &Palette) -> String {
    const MOST: usize = 6;
    let names = || palette.classes.iter().map(|class| class.name.as_str());
    let beginning: Vec<&str> = names()
        .filter(|known| known.to_lowercase().contains(&name.to_lowercase()))
        .collect();
    let candidates = if beginning.is_empty() {
        names().collect()
    } else {
        beginning
    };
    let shown = candidates.iter().take(MOST).copied();
    let shown = shown.collect::<Vec<_>>().join(", ");
    let more = if candidates.len() > MOST { ", ..." } else { "" };
    format!("one of the classes {shown}{more}")
}

/// ">0.4"
fn compared(text: &str) -> Option<Bounds> {
    let sign = SIGNS.into_iter().find(|sign| text.starts_with(sign))?;
    let value = number(&text[sign.len()..])?;
    let with_end = sign.ends_with('=');
    Some(match sign.starts_with('>') {
        true => Bounds {
            from: (value, with_end),
            ..Bounds::ALL
        },
        false => Bounds {
            to: (value, with_end),
            ..Bounds::ALL
        },
    })
}

/// "0.2..0.5", both ends with it
fn range_of(text: &str) -> Option<Bounds> {
    let (from, to) = text.split_once("..")?;
    Some(Bounds {
        from: (number(from)?, true),
        to: (number(to)?, true),
    })
}

/// "0.4" or "40%"
fn number(text: &str) -> Option<f64> {
    let (digits, scale) = match text.strip_suffix('%') {
        Some(digits) => (digits, 0.01),
        None => (text, 1.0),
    };
    let value: f64 = digits.parse().ok()?;
    // Figures have the precision of f32, and so must what they are compared with.
    value.is_finite().then(|| f64::from((value * scale) as f32))
}

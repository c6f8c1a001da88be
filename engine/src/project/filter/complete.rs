//! What could be typed next.

use std::ops::Range;

use atrous_palettes::Palette;

use super::parse::{EXPORTED, Key, key_of, progress};

/// The most choices that are offered at once.
const MOST: usize = 8;

/// What is offered where nothing is typed yet, and what it is for.
const BEGINNINGS: [(&str, &str); 7] = [
    (
        "status:",
        "unlabelled, predicted, corrected, reviewed, broken",
    ),
    ("label:", "a class with pixels, label:car>5% with so many"),
    ("unc>", "the model's uncertainty, from 0 to 1"),
    (
        "dis>",
        "where your labels and the model differ, from 0 to 1",
    ),
    ("name:", "name:*.jpg"),
    ("export:no", "left out of exports"),
    ("-status:reviewed", "a minus before a word: not that"),
];

/// Something that the word at the cursor could become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The whole word.
    pub text: String,
    /// What it is for; may be empty.
    pub hint: &'static str,
}

/// What the word at the cursor could become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// The word that a choice takes the place of, in bytes.
    pub word: Range<usize>,
    /// The choices, the likeliest first.
    pub choices: Vec<Choice>,
}

/// Completes the word that ends at the byte `cursor`, or offers words to begin with.
pub fn complete(text: &str, cursor: usize, palette: &Palette) -> Completion {
    let cursor = text.floor_char_boundary(cursor.min(text.len()));
    let start = start_of_word(&text[..cursor]);
    let typed = &text[start..cursor];
    let (minus, word) = match typed.strip_prefix('-') {
        Some(word) => ("-", word),
        None => ("", typed),
    };
    let mut choices = match word.split_once(':') {
        Some((name, value)) => values(name, value, palette),
        None => beginnings(word),
    };
    for choice in &mut choices {
        if !choice.text.starts_with('-') {
            choice.text.insert_str(0, minus);
        }
    }
    choices.retain(|choice| choice.text != typed);
    choices.truncate(MOST);
    Completion {
        word: start..cursor,
        choices,
    }
}

/// Where the last word of a text begins; a space in quotes parts nothing.
fn start_of_word(text: &str) -> usize {
    let mut quoted = false;
    let mut start = 0;
    for (at, letter) in text.char_indices() {
        quoted ^= letter == '"';
        if letter.is_whitespace() && !quoted {
            start = at + letter.len_utf8();
        }
    }
    start
}

fn beginnings(word: &str) -> Vec<Choice> {
    let lower = word.to_lowercase();
    BEGINNINGS
        .into_iter()
        .filter(|(text, _)| text.starts_with(&lower))
        .map(|(text, hint)| Choice {
            text: text.to_owned(),
            hint,
        })
        .collect()
}

/// Values behind `name:`; those before a comma stay.
fn values(name: &str, value: &str, palette: &Palette) -> Vec<Choice> {
    let (kept, last) = match value.rfind(',') {
        Some(comma) => value.split_at(comma + 1),
        None => ("", value),
    };
    let last = last.trim_matches('"').to_lowercase();
    let names: Vec<String> = match key_of(name) {
        Some(Key::Status) => progress().map(|(name, _)| name.to_owned()).collect(),
        Some(Key::Label) => palette
            .classes
            .iter()
            .map(|class| quoted(&class.name))
            .collect(),
        Some(Key::Export) => EXPORTED.map(|(name, _)| name.to_owned()).to_vec(),
        _ => Vec::new(),
    };
    let (first, rest): (Vec<_>, Vec<_>) = names
        .into_iter()
        .filter(|name| name.to_lowercase().contains(&last))
        .partition(|name| {
            name.trim_start_matches('"')
                .to_lowercase()
                .starts_with(&last)
        });
    first
        .into_iter()
        .chain(rest)
        .map(|value| Choice {
            text: format!("{name}:{kept}{value}"),
            hint: "",
        })
        .collect()
}

/// A name as it must be typed.
fn quoted(name: &str) -> String {
    if name.contains([' ', ',', '<', '>']) {
        format!("\"{name}\"")
    } else {
        name.to_owned()
    }
}

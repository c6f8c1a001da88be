//! A filter's words: parted by spaces, but for those in quotes.

use std::ops::Range;

use super::fault::Fault;

/// One word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// Where it stands, in bytes, the minus and the quotes with it.
    pub span: Range<usize>,
    /// Whether a minus stands before it.
    pub negated: bool,
    /// The word without minus and quotes.
    pub text: String,
    /// How many bytes of `text` stand before the first quote: only there signs mean something.
    pub plain: usize,
}

impl Word {
    /// The fault of this word.
    pub fn fault(&self, expected: impl Into<String>) -> Fault {
        Fault {
            span: self.span.clone(),
            word: self.text.clone(),
            expected: expected.into(),
        }
    }
}

/// The words of a text.
pub(super) fn split(text: &str) -> Result<Vec<Word>, Fault> {
    let mut words = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((start, first)) = rest.next() {
        if first.is_whitespace() {
            continue;
        }
        let mut word = Word {
            span: start..text.len(),
            negated: false,
            text: String::new(),
            plain: 0,
        };
        let (mut quote, mut quoted) = (None, false);
        let mut next = Some((start, first));
        while let Some((at, letter)) = next {
            match letter {
                '"' => {
                    quote = quote.xor(Some(at));
                    quoted = true;
                }
                '-' if at == start => word.negated = true,
                _ => word.text.push(letter),
            }
            if !quoted {
                word.plain = word.text.len();
            }
            let goes_on = |next: &(usize, char)| quote.is_some() || !next.1.is_whitespace();
            next = rest.next_if(goes_on);
        }
        if let Some((end, _)) = rest.peek() {
            word.span.end = *end;
        }
        if let Some(at) = quote {
            return Err(Fault {
                span: at..text.len(),
                word: text[at..].to_owned(),
                expected: "a closing \" as well".to_owned(),
            });
        }
        if word.negated && word.text.is_empty() && !quoted {
            // A minus alone is a letter like any other.
            word = Word {
                negated: false,
                text: "-".to_owned(),
                plain: 1,
                ..word
            };
        }
        words.push(word);
    }
    Ok(words)
}

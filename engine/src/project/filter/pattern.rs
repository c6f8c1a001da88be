//! Names, whole or in part.

/// What a name must be like. All letters are lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pattern {
    /// The path has this in it.
    Part(String),
    /// The name fits, or the whole path if `path`: `*` stands for anything, `?` for one letter.
    Whole { pattern: Vec<char>, path: bool },
}

impl Pattern {
    /// Free words, and names without `*` and `?`.
    pub fn part(text: &str) -> Self {
        Self::Part(text.to_lowercase())
    }

    /// A name as after `name:`.
    pub fn name(text: &str) -> Self {
        if text.contains(['*', '?']) {
            Self::Whole {
                pattern: text.to_lowercase().chars().collect(),
                path: text.contains('/'),
            }
        } else {
            Self::part(text)
        }
    }

    /// Whether a path fits, `/` between its parts.
    pub fn fits(&self, path: &str) -> bool {
        match self {
            Self::Part(part) => contains(path, part),
            Self::Whole {
                pattern,
                path: true,
            } => whole(pattern, path),
            Self::Whole { pattern, .. } => {
                let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
                whole(pattern, name)
            }
        }
    }
}

/// Whether `text` has `part` in it, whose letters are lower case.
fn contains(text: &str, part: &str) -> bool {
    if !text.is_ascii() {
        return text.to_lowercase().contains(part);
    }
    // A hundred thousand names are looked at between two frames: nothing is copied.
    let (text, part) = (text.as_bytes(), part.as_bytes());
    part.is_empty()
        || text
            .windows(part.len())
            .any(|piece| piece.eq_ignore_ascii_case(part))
}

/// Whether all of `text` fits a pattern with `*` and `?`.
fn whole(pattern: &[char], text: &str) -> bool {
    let text: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
    let (mut at, mut place) = (0, 0);
    // Behind the last star, and where its share of the text ends so far.
    let mut star: Option<(usize, usize)> = None;
    while place < text.len() {
        match pattern.get(at) {
            Some('*') => {
                at += 1;
                star = Some((at, place));
            }
            Some(letter) if *letter == '?' || *letter == text[place] => {
                at += 1;
                place += 1;
            }
            _ => {
                let Some((behind, end)) = star else {
                    return false;
                };
                star = Some((behind, end + 1));
                (at, place) = (behind, end + 1);
            }
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition, word for word.
    fn fits(pattern: &[char], text: &[char]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some(('*', rest)), _) => {
                fits(rest, text) || (!text.is_empty() && fits(pattern, &text[1..]))
            }
            (Some((letter, rest)), Some((first, others))) => {
                (*letter == '?' || letter == first) && fits(rest, others)
            }
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn stars_are_the_definition(pattern in "[ab*?]{0,8}", text in "[ab]{0,10}") {
            let pattern: Vec<char> = pattern.chars().collect();
            let letters: Vec<char> = text.chars().collect();
            prop_assert_eq!(whole(&pattern, &text), fits(&pattern, &letters));
        }

        #[test]
        fn parts_are_found_in_any_case(text in "[aAbBäÄ./]{0,12}", part in "[abä./]{0,4}") {
            let found = Pattern::part(&part).fits(&text);
            prop_assert_eq!(found, text.to_lowercase().contains(&part));
        }
    }

    #[test]
    fn names_and_paths() {
        let fits = |pattern: &str, path: &str| Pattern::name(pattern).fits(path);
        assert!(fits("*.JPG", "sub/a.jpg"));
        assert!(!fits("*.jpg", "sub/a.jpg.png"));
        assert!(fits("a?.png", "sub/a1.png"));
        assert!(!fits("sub*", "sub/a.jpg"), "the name alone");
        assert!(fits("sub/*", "sub/a.jpg"));
        assert!(fits("ub/A", "sub/a.jpg"), "no star: a part");
        assert!(fits("*Ö*", "größe-ö.png"));
    }
}

//! Fuzzy search over short names: letters in order, those at word starts and in runs count more.

/// A name that was found.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Found {
    /// Its position in what was searched.
    pub index: usize,
    /// Which of its characters matched, ascending.
    pub matched: Vec<usize>,
    score: i32,
}

/// The names that hold all letters of `query` in order, best first; equal ones keep their order.
/// An empty query finds everything.
pub fn rank<'a>(query: &str, names: impl Iterator<Item = &'a str>) -> Vec<Found> {
    let letters: Vec<char> = query
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect();
    let mut found: Vec<Found> = names
        .enumerate()
        .filter_map(|(index, name)| {
            let (score, matched) = best_match(&letters, name)?;
            Some(Found {
                index,
                matched,
                score,
            })
        })
        .collect();
    found.sort_by_key(|found| std::cmp::Reverse(found.score));
    found
}

/// A letter right after the one before.
const RUN: i32 = 8;
/// A letter that begins a word.
const WORD_START: i32 = 10;
/// The first letter of the name, on top of [`WORD_START`].
const NAME_START: i32 = 4;
/// Each letter that is passed over between two matches.
const GAP: i32 = -1;

/// The best way to find the letters in a name: its score and the positions. A small dynamic
/// programme over (letter, position): greedy search would miss later word starts.
fn best_match(letters: &[char], name: &str) -> Option<(i32, Vec<usize>)> {
    let name: Vec<char> = name.chars().map(lower).collect();
    if letters.len() > name.len() {
        return None;
    }
    // best[i][j]: the score of letters[..=i] with letter i at j, and where letter i - 1 was.
    let mut best: Vec<Vec<Option<(i32, usize)>>> = Vec::with_capacity(letters.len());
    for (i, letter) in letters.iter().enumerate() {
        let row = (0..name.len())
            .map(|j| {
                if name[j] != *letter {
                    return None;
                }
                let here = letter_score(&name, j);
                let Some(before) = i.checked_sub(1).map(|i| &best[i]) else {
                    return Some((here, j));
                };
                (0..j)
                    .filter_map(|k| {
                        let (score, _) = before[k]?;
                        let step = match j - k - 1 {
                            0 => RUN,
                            gap => GAP * gap as i32,
                        };
                        Some((score + here + step, k))
                    })
                    .max()
            })
            .collect();
        best.push(row);
    }
    let Some(last) = best.last() else {
        return Some((0, Vec::new()));
    };
    let (score, mut at) = (0..name.len())
        .filter_map(|j| Some((last[j]?.0, std::cmp::Reverse(j))))
        .max()
        .map(|(score, j)| (score, j.0))?;
    let mut matched = vec![at];
    for row in best[1..].iter().rev() {
        at = row[at]?.1;
        matched.push(at);
    }
    matched.reverse();
    Some((score, matched))
}

fn letter_score(name: &[char], at: usize) -> i32 {
    match at.checked_sub(1).map(|before| name[before]) {
        None => WORD_START + NAME_START,
        Some(before) if !before.is_alphanumeric() => WORD_START,
        Some(_) => 0,
    }
}

/// One character to one character, so that positions stay those of the name.
fn lower(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 5] = [
        "Open folder",
        "Predict folder",
        "Predict this image",
        "Fit image to window",
        "Fine-tune",
    ];

    fn names(query: &str) -> Vec<&'static str> {
        let found = rank(query, NAMES.into_iter());
        found.iter().map(|found| NAMES[found.index]).collect()
    }

    #[test]
    fn initials_win_over_scattered_letters() {
        assert_eq!(names("pf")[0], "Predict folder");
        assert_eq!(names("of")[0], "Open folder");
        assert_eq!(names("ft")[0], "Fine-tune");
    }

    #[test]
    fn an_empty_query_finds_all_in_order() {
        assert_eq!(names(" "), NAMES);
    }

    #[test]
    fn every_letter_must_be_there_in_order() {
        assert!(names("xyz").is_empty());
        assert!(names("redlof").is_empty());
    }

    #[test]
    fn matches_are_the_letters_themselves() {
        for query in ["image", "fol", "tune", "PTI"] {
            for found in rank(query, NAMES.into_iter()) {
                let name: Vec<char> = NAMES[found.index].to_lowercase().chars().collect();
                let letters: String = found.matched.iter().map(|&i| name[i]).collect();
                assert_eq!(letters, query.to_lowercase());
                assert!(found.matched.is_sorted());
            }
        }
    }
}

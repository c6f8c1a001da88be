//! Names for exported files: unique, and safe for every reader of a list.

use std::collections::HashSet;

/// A stem for each image path (with `/` between its parts), in order.
///
/// The file's own name without its ending, where no other image has it; otherwise with its folders
/// before it. Dots become `_` (readers cut names at the first dot), and so do blanks, which lists
/// can't hold at their ends, and what file systems refuse. Names that differ only in case count as
/// equal, since some file systems can't tell them apart.
pub(super) fn unique(paths: &[&str]) -> Vec<String> {
    let mut taken = HashSet::new();
    let plain: Vec<String> = paths
        .iter()
        .map(|path| safe(without_ending(path.rsplit('/').next().unwrap_or(path))))
        .collect();
    let mut once = HashSet::new();
    let mut twice = HashSet::new();
    for stem in &plain {
        if !once.insert(stem.to_lowercase()) {
            twice.insert(stem.to_lowercase());
        }
    }
    let names = paths.iter().zip(plain).map(|(path, plain)| {
        if twice.contains(&plain.to_lowercase()) {
            safe(without_ending(path))
        } else {
            plain
        }
    });
    let names: Vec<String> = names.collect();
    names
        .into_iter()
        .map(|name| {
            let numbered = (2..).map(|number| format!("{name}_{number}"));
            let stem = std::iter::once(name.clone())
                .chain(numbered)
                .find(|stem| taken.insert(stem.to_lowercase()));
            stem.unwrap_or(name)
        })
        .collect()
}

fn without_ending(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && !ending.contains('/') => stem,
        _ => name,
    }
}

fn safe(name: &str) -> String {
    let safe = |letter: char| {
        let bad = letter.is_whitespace() || letter.is_control() || "./\\:*?\"<>|,".contains(letter);
        if bad { '_' } else { letter }
    };
    name.chars().map(safe).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_stay() {
        assert_eq!(unique(&["a.jpg", "sub/b.png"]), ["a", "b"]);
    }

    #[test]
    fn dots_and_blanks_are_replaced() {
        assert_eq!(
            unique(&["v1.2 final.jpg", " \u{fc}\t.png", "x.y/c", ".jpg"]),
            ["v1_2_final", "_\u{fc}_", "c", "_jpg"]
        );
    }

    #[test]
    fn equal_names_get_their_folder_and_then_a_number() {
        assert_eq!(
            unique(&["x/a.jpg", "y/A.jpg", "b.jpg", "b.png", "b_2.jpg"]),
            ["x_a", "y_A", "b", "b_2", "b_2_2"]
        );
    }
}

//! Which images are held out: chosen once, by group, and never trained on.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::network::SplitMix;

/// What makes images belong together: frames of one sequence are near copies of each other, so
/// that a score on one is worth little when its neighbour was trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grouping {
    /// By folder.
    Folder,
    /// By the name up to its last `_` or `-`.
    Prefix,
    /// Each image for itself.
    Image,
}

/// The groups that are held out. Images that come later join their group's side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Split {
    /// What makes a group.
    pub grouping: Grouping,
    /// The groups that are held out.
    pub held_out: BTreeSet<String>,
}

/// Fewer groups than this don't make a split: one of them would be too much of the data.
const LEAST_GROUPS: usize = 4;

impl Split {
    /// Holds out about `part` (0 to 1) of the images: the same for the same names, in any order;
    /// another `seed` makes another choice.
    ///
    /// `names` are paths relative to the project, with `/`. Groups are folders where there are
    /// enough of them, else the names' prefixes, else single images. At least one image is held
    /// out, and one left to train on, where there are two.
    pub fn choose(names: &[String], part: f64, seed: u64) -> Self {
        let [folders, prefixes, images] = [Grouping::Folder, Grouping::Prefix, Grouping::Image]
            .map(|grouping| (grouping, sizes(names, grouping)));
        let (grouping, groups) = [folders, prefixes]
            .into_iter()
            .find(|(_, groups)| (LEAST_GROUPS..names.len()).contains(&groups.len()))
            .unwrap_or(images);
        let wanted = ((names.len() as f64 * part).round() as usize).max(1);
        let mut order: Vec<(u64, String, usize)> = groups
            .into_iter()
            .map(|(name, size)| (hash(&name, seed), name, size))
            .collect();
        order.sort_unstable();
        let most = order.len().saturating_sub(1);
        let mut count = 0;
        let held_out = order
            .into_iter()
            .take(most)
            .take_while(|(_, _, size)| {
                let more = count < wanted;
                count += size;
                more
            })
            .map(|(_, name, _)| name)
            .collect();
        Self { grouping, held_out }
    }

    /// Whether the image of this name is held out.
    pub fn is_held_out(&self, name: &str) -> bool {
        self.held_out.contains(group(name, self.grouping))
    }
}

/// The groups and how many images each has.
fn sizes(names: &[String], grouping: Grouping) -> BTreeMap<String, usize> {
    let mut sizes = BTreeMap::new();
    for name in names {
        *sizes.entry(group(name, grouping).to_owned()).or_default() += 1;
    }
    sizes
}

fn group(name: &str, grouping: Grouping) -> &str {
    match grouping {
        Grouping::Folder => name.rsplit_once('/').map_or("", |(folder, _)| folder),
        Grouping::Prefix => name.rfind(['_', '-']).map_or(name, |end| &name[..end]),
        Grouping::Image => name,
    }
}

/// FNV-1a with the seed, then mixed: names that differ in one letter end up far apart.
fn hash(name: &str, seed: u64) -> u64 {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    SplitMix::new(hash ^ seed).next_u64()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(pattern: impl Fn(usize) -> String, count: usize) -> Vec<String> {
        (0..count).map(pattern).collect()
    }

    #[test]
    fn whole_folders_are_held_out_and_newcomers_follow_them() {
        let names = names(|index| format!("drive{}/frame{index}.jpg", index / 10), 100);
        let split = Split::choose(&names, 0.2, 0);
        assert_eq!(
            (split.grouping, split.held_out.len()),
            (Grouping::Folder, 2)
        );
        let folder = split.held_out.first().unwrap();
        assert!(split.is_held_out(&format!("{folder}/a newcomer.jpg")));
        let held = names.iter().filter(|name| split.is_held_out(name)).count();
        assert_eq!(held, 20);
    }

    #[test]
    fn prefixes_group_where_folders_do_not() {
        let names = names(|index| format!("{:04}TP_{index:06}.png", index / 25), 100);
        let split = Split::choose(&names, 0.2, 0);
        assert_eq!(
            (split.grouping, split.held_out.len()),
            (Grouping::Prefix, 1)
        );
    }

    #[test]
    fn the_order_of_the_names_does_not_matter() {
        let mut names = names(|index| format!("{index}.jpg"), 30);
        let split = Split::choose(&names, 0.2, 0);
        assert_eq!((split.grouping, split.held_out.len()), (Grouping::Image, 6));
        names.reverse();
        assert_eq!(Split::choose(&names, 0.2, 0), split);
    }

    #[test]
    fn something_is_left_on_both_sides() {
        let held = |count| {
            Split::choose(&names(|index| format!("{index}.jpg"), count), 0.1, 0)
                .held_out
                .len()
        };
        assert_eq!([0, 1, 2, 3].map(held), [0, 0, 1, 1]);
        let all = Split::choose(&names(|index| format!("{index}.jpg"), 3), 1.0, 0);
        assert_eq!(all.held_out.len(), 2);
    }
}

//! Which images are for training, which for validation, which for the last test.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// What an image is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Split {
    /// To train on.
    Train,
    /// To choose by: held out from training.
    Val,
    /// To look at once, at the end.
    Test,
}

impl Split {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Train, Self::Val, Self::Test];

    /// The word that lists and folders are called by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Val => "val",
            Self::Test => "test",
        }
    }
}

/// The parts of the images that are for training, validation and test. They add up to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fractions {
    val: f64,
    test: f64,
}

impl Default for Fractions {
    /// Four fifths for training, one fifth for validation.
    fn default() -> Self {
        Self {
            val: 0.2,
            test: 0.0,
        }
    }
}

impl Fractions {
    /// Checked fractions.
    ///
    /// # Errors
    /// [`Error::Argument`] when one is negative or they don't add up to 1.
    pub fn new(train: f64, val: f64, test: f64) -> Result<Self> {
        let all = [train, val, test];
        let sum: f64 = all.iter().sum();
        if all.iter().any(|part| !(0.0..=1.0).contains(part)) || (sum - 1.0).abs() > 1e-6 {
            return Err(Error::argument(
                "split",
                "parts for train, val and test that add up to 1, as in 0.8,0.1,0.1",
                format!("{train},{val},{test}"),
            ));
        }
        Ok(Self { val, test })
    }

    /// A split for each image, the same for the same names whatever their order.
    ///
    /// `images` are the names and whether each is held out. Held-out images are for validation, be
    /// they more than the fraction or not: the score that a person has seen stays comparable. The
    /// others are dealt out by a hash of their name.
    pub fn assign(self, images: &[(&str, bool)]) -> Vec<Split> {
        let mut splits = vec![Split::Train; images.len()];
        let mut free: Vec<usize> = Vec::new();
        for (index, (_, held_out)) in images.iter().enumerate() {
            if *held_out {
                splits[index] = Split::Val;
            } else {
                free.push(index);
            }
        }
        free.sort_by_key(|index| (hash(images[*index].0), images[*index].0));
        let part = |fraction: f64| (fraction * images.len() as f64).round() as usize;
        let held_out = images.len() - free.len();
        let mut deal = free.into_iter();
        for index in deal.by_ref().take(part(self.test)) {
            splits[index] = Split::Test;
        }
        for index in deal.take(part(self.val).saturating_sub(held_out)) {
            splits[index] = Split::Val;
        }
        splits
    }
}

impl FromStr for Fractions {
    type Err = Error;

    /// Two or three numbers: `0.8,0.2` or `0.8,0.1,0.1`.
    fn from_str(text: &str) -> Result<Self> {
        let parts: Vec<f64> = text
            .split(',')
            .map(|part| part.trim().parse().unwrap_or(f64::NAN))
            .collect();
        match parts[..] {
            [train, val] => Self::new(train, val, 0.0),
            [train, val, test] => Self::new(train, val, test),
            _ => Err(Error::argument(
                "split",
                "two or three numbers, as in 0.8,0.1,0.1",
                text,
            )),
        }
    }
}

impl fmt::Display for Fractions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let train = 1.0 - self.val - self.test;
        write!(formatter, "{train:.3},{:.3},{:.3}", self.val, self.test)
    }
}

/// FNV-1a with a last mix, so that names that differ at their end alone lie far apart.
fn hash(name: &str) -> u64 {
    let mixed = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (mixed ^ (mixed >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(count: usize) -> Vec<String> {
        (0..count).map(|index| format!("{index:04}.jpg")).collect()
    }

    fn count(splits: &[Split], split: Split) -> usize {
        splits.iter().filter(|other| **other == split).count()
    }

    #[test]
    fn fractions_are_met_and_order_does_not_matter() {
        let names = names(200);
        let images: Vec<(&str, bool)> = names.iter().map(|name| (&**name, false)).collect();
        let fractions: Fractions = "0.7,0.2,0.1".parse().unwrap();
        let splits = fractions.assign(&images);
        assert_eq!(Split::ALL.map(|split| count(&splits, split)), [140, 40, 20]);
        let mut reversed = images.clone();
        reversed.reverse();
        let mut backwards = fractions.assign(&reversed);
        backwards.reverse();
        assert_eq!(splits, backwards);
        assert_ne!(
            splits[..140],
            vec![Split::Train; 140],
            "not by order of name"
        );
    }

    #[test]
    fn held_out_images_are_for_validation() {
        let names = names(10);
        let images: Vec<(&str, bool)> = (0..)
            .zip(&names)
            .map(|(i, name)| (&**name, i < 4))
            .collect();
        let splits = Fractions::default().assign(&images);
        assert_eq!(splits[..4], [Split::Val; 4]);
        assert_eq!(
            splits[4..],
            [Split::Train; 6],
            "more are held out than asked for"
        );
        let splits = "0.4,0.6".parse::<Fractions>().unwrap().assign(&images);
        assert_eq!(count(&splits, Split::Val), 6);
        assert_eq!(splits[..4], [Split::Val; 4]);
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "1",
            "0.5,0.6",
            "0.8,0.1,0.1,0",
            "a,b",
            "-0.1,1.1",
            "NaN,1",
        ] {
            let error = text.parse::<Fractions>().unwrap_err().to_string();
            assert!(error.contains("0.8,0.1,0.1"), "{text}: {error}");
        }
        assert_eq!(
            "0.8, 0.1, 0.1".parse::<Fractions>().unwrap().to_string(),
            "0.800,0.100,0.100"
        );
    }
}

//! What a person types to see some of the images only.
//!
//! ```text
//! status:predicted            unlabelled, predicted, corrected, reviewed or broken
//! status:corrected,reviewed   one or the other
//! label:car                   the class has pixels; label:"traffic light" for names of several words
//! label:car>5%                the class covers more than that of the image
//! unc>0.4  unc<=20%  unc:0.2..0.5    the model's uncertainty
//! dis>0.1                     the part of a person's labels on which the model says something else
//! export:no                   left out of exports; export:yes the others
//! name:*.jpg                  the whole name fits, or the path where there is a /; else a part of it
//! street                      free words: a part of the path
//! -status:reviewed            not that
//! ```
//!
//! Words are parted by spaces, all of them must hold, and letters' case does not count. `label` and
//! `class` are the same, so are `unc` and `uncertainty`, `dis` and `disagreement`.

mod complete;
mod fault;
mod parse;
mod pattern;
mod term;
mod word;

#[cfg(test)]
mod tests;

use atrous_palettes::Palette;

use super::record::ImageRecord;
use term::Term;

pub use complete::{Choice, Completion, complete};
pub use fault::Fault;

/// Which images to show.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filter {
    terms: Vec<Term>,
}

impl Filter {
    /// Reads a filter; class names are those of `palette`.
    ///
    /// # Errors
    /// [`Fault`] with the first word that makes no sense, and what was expected there.
    pub fn parse(text: &str, palette: &Palette) -> Result<Self, Fault> {
        let words = word::split(text)?;
        let terms = words.iter().map(|word| parse::term(word, palette));
        Ok(Self {
            terms: terms.collect::<Result<_, _>>()?,
        })
    }

    /// Whether every image passes.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether an image passes.
    pub fn matches(&self, image: &ImageRecord) -> bool {
        self.terms.iter().all(|term| term.holds(image))
    }
}

//! The list of published checkpoints.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{DataSet, Entry};
use crate::error::{Error, Result};

/// What is published, where, and under which terms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// The page that the figures are from.
    pub page: String,
    /// What an archive's name follows in its address.
    pub base: String,
    /// The licence under which code and checkpoints are published. The data sets' own terms stand
    /// beside it.
    pub licence: String,
    /// The data sets.
    #[serde(rename = "data_set")]
    pub data_sets: Vec<DataSet>,
    /// The checkpoints.
    #[serde(rename = "model")]
    pub models: Vec<Entry>,
}

impl Catalogue {
    /// The TensorFlow DeepLab model zoo.
    ///
    /// # Errors
    /// Never with the catalogue as it is; [`Error::Argument`] if it were broken.
    pub fn published() -> Result<Self> {
        Self::from_toml(include_str!("../../../assets/zoo/catalogue.toml"))
    }

    /// Reads a catalogue.
    ///
    /// # Errors
    /// [`Error::Argument`] when it is no catalogue, a name or archive stands twice or could not be a
    /// file's, or a data set is missing.
    pub fn from_toml(text: &str) -> Result<Self> {
        let catalogue: Self = toml::from_str(text).map_err(|error| {
            Error::argument("the zoo's catalogue", "a catalogue", error.to_string())
        })?;
        catalogue.check()?;
        Ok(catalogue)
    }

    fn check(&self) -> Result<()> {
        let mut seen = HashSet::new();
        for model in &self.models {
            for name in [&model.name, &model.archive] {
                if !is_file_name(name) || !seen.insert(plain(name)) {
                    let expected = "names of files, each once";
                    return Err(Error::argument("the zoo's catalogue", expected, name));
                }
            }
            let of_data_set = self.data_set(model).map(|data_set| data_set.classes);
            if of_data_set != Some(model.network.num_classes) {
                return Err(Error::argument(
                    format!("the zoo's {}", model.name),
                    "a data set of the catalogue, with as many classes as the network",
                    format!("{}, {}", model.data_set, model.network.num_classes),
                ));
            }
        }
        Ok(())
    }

    /// The checkpoint of that name; case does not matter, nor whether words are joined by - or _.
    pub fn find(&self, name: &str) -> Option<&Entry> {
        let wanted = plain(name);
        self.models
            .iter()
            .find(|model| plain(&model.name) == wanted)
    }

    /// The checkpoint whose archive has that file name.
    pub fn find_archive(&self, file_name: &str) -> Option<&Entry> {
        self.models.iter().find(|model| model.archive == file_name)
    }

    /// The names that `name` may have been meant for, the likeliest first, at most three.
    pub fn similar(&self, name: &str) -> Vec<&str> {
        let wanted = plain(name);
        let mut scored: Vec<_> = self
            .models
            .iter()
            .map(|model| (common_pieces(&wanted, &plain(&model.name)), model))
            .filter(|(common, _)| *common > 0)
            .collect();
        scored.sort_by_key(|(common, _)| std::cmp::Reverse(*common));
        let names = scored.into_iter().map(|(_, model)| model.name.as_str());
        names.take(3).collect()
    }

    /// The data set that a checkpoint was made for.
    pub fn data_set(&self, model: &Entry) -> Option<&DataSet> {
        self.data_sets
            .iter()
            .find(|data_set| data_set.key == model.data_set)
    }

    /// The published address of a checkpoint's archive.
    pub fn address(&self, model: &Entry) -> String {
        format!("{}{}", self.base, model.archive)
    }

    /// Where the archive can be fetched, the safest first: the published host also answers over
    /// HTTPS.
    pub fn sources(&self, model: &Entry) -> Vec<String> {
        let published = self.address(model);
        match published.strip_prefix("http://download.tensorflow.org/") {
            Some(rest) => vec![format!("https://download.tensorflow.org/{rest}"), published],
            None => vec![published],
        }
    }
}

/// A name as it is compared.
fn plain(name: &str) -> String {
    name.to_ascii_lowercase().replace('-', "_")
}

fn is_file_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !name.is_empty() && !name.starts_with('.') && name.chars().all(allowed)
}

/// How many of the words of `wanted` begin a word of `name`.
fn common_pieces(wanted: &str, name: &str) -> usize {
    wanted
        .split('_')
        .filter(|piece| !piece.is_empty())
        .filter(|piece| name.split('_').any(|word| word.starts_with(piece)))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_zoo_is_all_there() {
        let zoo = Catalogue::published().unwrap();
        let count = |key: &str| zoo.models.iter().filter(|m| m.data_set == key).count();
        assert_eq!(
            ["pascal", "cityscapes", "ade20k", "imagenet"].map(count),
            [6, 8, 2, 6]
        );
        for model in &zoo.models {
            let trained = model.data_set != "imagenet";
            assert_eq!(trained, model.best_miou().is_some(), "{}", model.name);
            assert_eq!(trained, !model.is_backbone_only(), "{}", model.name);
            if let Some(first) = model.evaluations.first() {
                assert_eq!(
                    first.output_stride, model.network.output_stride,
                    "{}",
                    model.name
                );
            }
            assert!(zoo.address(model).ends_with(".tar.gz"), "{}", model.name);
        }
    }

    #[test]
    fn every_network_of_the_zoo_makes_sense() {
        for model in Catalogue::published().unwrap().models {
            let valid = model.network.validate();
            valid.unwrap_or_else(|error| panic!("{}: {error}", model.name));
        }
    }

    #[test]
    fn names_are_found_however_they_are_written() {
        let zoo = Catalogue::published().unwrap();
        assert_eq!(
            zoo.find("edgetpu_deeplab_slim").unwrap().name,
            "EdgeTPU-DeepLab-slim"
        );
        assert!(zoo.find("edgetpu").is_none());
        assert_eq!(
            zoo.similar("xception_71_dpc_cityscapes")[0],
            "xception71_dpc_cityscapes_trainfine"
        );
        assert!(zoo.similar("vgg").is_empty());
    }

    #[test]
    fn a_broken_catalogue_is_refused() {
        let text = include_str!("../../../assets/zoo/catalogue.toml");
        for (from, to) in [
            ("mobilenetv2_ade20k_train", "../mobilenetv2_ade20k_train"),
            ("mobilenetv2_ade20k_train", "xception65_ade20k_train"),
            ("data_set = \"ade20k\"", "data_set = \"coco\""),
            ("num_classes = 151", "num_classes = 150"),
            ("megabytes = 24.8", "gigabytes = 24.8"),
        ] {
            let broken = text.replacen(from, to, 1);
            assert!(Catalogue::from_toml(&broken).is_err(), "{from} -> {to}");
        }
    }
}

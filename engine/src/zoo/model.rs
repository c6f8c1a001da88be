//! From a checkpoint's files to a model.

use std::path::{Path, PathBuf};

use atrous_palettes::Palette;
use burn::tensor::Device;

use super::{Entry, Receipt, UnpackedFile, Zoo};
use crate::error::{Error, Result};
use crate::jobs::Silent;
use crate::limits::Limits;
use crate::weights::{LoadOptions, Model, load};

/// What an archive of the zoo must hold.
pub(super) const EXPECTED: &str =
    "a checkpoint (.index and .data files), a frozen graph (.pb), a .safetensors or a .tflite";

impl Zoo {
    /// The file of a checkpoint that is here, its checksum and those of what belongs to it looked at.
    ///
    /// # Errors
    /// [`Error::Machine`], with what to do, when it has not been downloaded; [`Error::File`] when it
    /// has been damaged since.
    pub fn model_file(&self, entry: &Entry) -> Result<PathBuf> {
        let folder = self.cache.model_folder(entry);
        let missing = || {
            Error::machine(
                format!("opening the model {}", entry.name),
                "it is not on this machine yet",
                format!("Download it: atrous model get {}", entry.name),
            )
        };
        let receipt = Receipt::read(&folder).map_err(|_| missing())?;
        let file = choose(&receipt.files).ok_or_else(missing)?;
        let parts: Vec<_> = receipt
            .files
            .iter()
            .filter(|other| belongs(&other.path, &file.path))
            .cloned()
            .collect();
        let needed = Receipt {
            files: parts,
            ..receipt.clone()
        };
        needed.verify(&folder, &mut Silent)?;
        Ok(folder.join(&file.path))
    }

    /// Loads a checkpoint that is here onto `device`, with the catalogue's flags.
    ///
    /// # Errors
    /// As [`Zoo::model_file`] and [`load`]; [`Error::Argument`] for a checkpoint without classes.
    pub fn load(
        &self,
        entry: &Entry,
        palette: Option<Palette>,
        limits: Limits,
        device: &Device,
    ) -> Result<Model> {
        if entry.is_backbone_only() {
            return Err(Error::argument(
                "model",
                "a model that knows classes",
                format!("{}, a backbone to start training from", entry.name),
            ));
        }
        let file = self.model_file(entry)?;
        let options = LoadOptions {
            network: Some(entry.network.clone()),
            palette,
            limits,
        };
        let mut model = load(&file, &options, device)?;
        self.describe(entry, &mut model, &file);
        Ok(model)
    }

    /// Says where the model comes from, as the catalogue has it.
    fn describe(&self, entry: &Entry, model: &mut Model, file: &Path) {
        let terms = self.catalogue.data_set(entry);
        let terms = terms.map_or(String::new(), |set| {
            format!("; {}: {}", set.title, set.terms)
        });
        let info = &mut model.info;
        info.name = entry.name.clone();
        info.licence = format!("{}{terms}", self.catalogue.licence);
        info.source = self.catalogue.address(entry);
        let trained = format!("trained on {}", entry.trained_on.join(", "));
        info.provenance.insert(0, trained);
        tracing::debug!("{} is read from {}", entry.name, file.display());
    }
}

/// The file to load: a checkpoint, whose batch norm can still be trained, before a frozen graph,
/// before a TFLite file; of several checkpoints the one of most steps.
pub(super) fn choose(files: &[UnpackedFile]) -> Option<&UnpackedFile> {
    let with = |ending: &'static str| files.iter().filter(move |file| file.path.ends_with(ending));
    let whole = |file: &&UnpackedFile| {
        let stem = file.path.trim_end_matches(".index");
        files
            .iter()
            .any(|other| other.path.starts_with(&format!("{stem}.data-")))
    };
    with(".index")
        .filter(whole)
        .max_by_key(|file| steps(&file.path))
        .or_else(|| with(".safetensors").next())
        .or_else(|| with("frozen_inference_graph.pb").next())
        .or_else(|| with(".pb").next())
        .or_else(|| with(".tflite").next())
}

/// The steps in `model.ckpt-30000.index`.
fn steps(path: &str) -> u64 {
    let stem = path.trim_end_matches(".index");
    let steps = stem
        .rsplit_once('-')
        .and_then(|(_, steps)| steps.parse().ok());
    steps.unwrap_or(0)
}

/// Whether a file is read together with the one that is loaded.
fn belongs(other: &str, loaded: &str) -> bool {
    let shards = loaded
        .strip_suffix(".index")
        .map(|stem| format!("{stem}.data-"));
    other == loaded || shards.is_some_and(|shards| other.starts_with(&shards))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(paths: &[&str]) -> Vec<UnpackedFile> {
        let file = |path: &&str| UnpackedFile {
            path: (*path).to_owned(),
            bytes: 1,
            sha256: String::new(),
        };
        paths.iter().map(file).collect()
    }

    #[test]
    fn a_whole_checkpoint_is_chosen_before_a_frozen_graph() {
        let chosen = |paths: &[&str]| choose(&files(paths)).map(|file| file.path.clone());
        let data = "a/model.ckpt-9.data-00000-of-00001";
        let more = "a/model.ckpt-30000.data-00000-of-00001";
        let graph = "a/frozen_inference_graph.pb";
        assert_eq!(
            chosen(&[
                graph,
                "a/model.ckpt-9.index",
                data,
                more,
                "a/model.ckpt-30000.index"
            ]),
            Some("a/model.ckpt-30000.index".to_owned())
        );
        assert_eq!(
            chosen(&["a/model.ckpt-9.index", "a/b.pb", graph]),
            Some(graph.to_owned())
        );
        assert_eq!(
            chosen(&["a/model.tflite"]),
            Some("a/model.tflite".to_owned())
        );
        assert_eq!(chosen(&["README", "a/model.ckpt.meta"]), None);
    }

    #[test]
    fn shards_belong_to_their_index() {
        assert!(belongs("a/m.ckpt.data-00001-of-00002", "a/m.ckpt.index"));
        assert!(!belongs("a/m.ckpt-1.data-00000-of-00001", "a/m.ckpt.index"));
        assert!(belongs("a/g.pb", "a/g.pb") && !belongs("a/m.meta", "a/m.index"));
    }
}

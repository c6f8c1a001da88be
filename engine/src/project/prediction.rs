//! What the model said.

use std::path::Path;
use std::time::SystemTime;

use rusqlite::params;

use super::classes::disagreement;
use super::open::Project;
use super::record::{ImageId, Status};
use crate::atomic_file::write_bytes;
use crate::error::Result;
use crate::mask::{Edit, LabelMap, png_file};

/// A prediction to be kept. The maps have a value a pixel of the upright image, row after row.
#[derive(Debug, Clone, Copy)]
pub struct NewPrediction<'a> {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Class indices.
    pub labels: &'a [u8],
    /// How sure the model is of each pixel: the largest softmax value, times 255.
    pub confidence: &'a [u8],
    /// How unsure it is of the image: 0 is sure. Images are sorted by it.
    pub uncertainty: f32,
}

impl Project {
    /// Keeps a prediction. The label map in force follows it, unless a person touched the image:
    /// corrected and reviewed labels stay as they are. Returns whether it followed.
    ///
    /// # Errors
    /// [`Error::Argument`] when a map has not the image's size; [`Error::Io`] and [`Error::Index`]
    /// when it can't be written.
    pub fn store_prediction(&self, id: ImageId, prediction: &NewPrediction<'_>) -> Result<bool> {
        let [width, height] = [prediction.width, prediction.height];
        let labels = LabelMap::from_vec(width, height, prediction.labels)?;
        let confidence = LabelMap::from_vec(width, height, prediction.confidence)?;
        let label_png = png_file::encode(&labels, &self.palette().colors())?;
        let confidence_png = png_file::encode_grey(&confidence)?;

        let _guard = self.guard(id);
        let mut state = self.label_state(id)?;
        state.check_size(&labels)?;
        if self.is_changed_outside(&state)? {
            // Labels that somebody put there are a person's work.
            state = self.load(id)?.0;
        }
        write_bytes(&self.layout.confidence(&state.path), &confidence_png)?;
        write_bytes(&self.layout.prediction(&state.path), &label_png)?;
        let follows = !state.status.is_touched();
        let version = state.version + 1;
        if follows && state.has_base {
            let (_, before) = self.load(id)?;
            if let Some(edit) = Edit::between(&before, &labels, labels.bounds()) {
                let edit = edit.named("Prediction").made_at(SystemTime::now());
                self.append(&state, &edit, Status::Predicted)?;
            }
        } else if follows {
            self.write_label(&state, version, &labels, &label_png)?;
        }
        let disagreement = match follows {
            true => None,
            false => disagreement(&self.load(id)?.1, &labels),
        };
        let (status, version) = match (follows, state.has_base) {
            (true, false) => (Some(Status::Predicted), Some(version)),
            (true, true) => (Some(Status::Predicted), None),
            (false, _) => (None, None),
        };
        self.flush(id)?;
        self.index.write(|change| {
            let sql = "UPDATE images SET uncertainty = ?2, status = coalesce(?3, status),
                version = coalesce(?4, version), disagreement = ?5 WHERE id = ?1";
            let values = params![id.0, prediction.uncertainty, status, version, disagreement];
            change.prepare_cached(sql)?.execute(values)
        })?;
        Ok(follows)
    }

    /// The model's last label map of an image; `None` where there is none.
    ///
    /// # Errors
    /// [`Error::Io`] when it can't be read, [`Error::File`] when it is damaged.
    pub fn load_prediction(&self, id: ImageId) -> Result<Option<LabelMap>> {
        let state = self.label_state(id)?;
        self.read_existing(&self.layout.prediction(&state.path))
    }

    /// The model's confidence in each pixel of an image, row after row; `None` where there is none.
    ///
    /// # Errors
    /// As [`Project::load_prediction`].
    pub fn load_confidence(&self, id: ImageId) -> Result<Option<Vec<u8>>> {
        let state = self.label_state(id)?;
        let map = self.read_existing(&self.layout.confidence(&state.path))?;
        Ok(map.map(|map| map.to_vec()))
    }

    fn read_existing(&self, path: &Path) -> Result<Option<LabelMap>> {
        if !path.exists() {
            return Ok(None);
        }
        png_file::read(path, &self.limits).map(Some)
    }
}

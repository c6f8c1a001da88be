//! What the index knows of an image's labels.

use atrous_palettes::VOID;
use rusqlite::Row;

use crate::error::{Error, Result};
use crate::mask::{Edit, LabelMap, Rect};
use crate::project::record::{ImageId, Status};

/// What the index says about an image's labels.
#[derive(Debug)]
pub(in crate::project) struct LabelState {
    pub id: ImageId,
    pub path: String,
    pub status: Status,
    pub size: [u32; 2],
    /// Counts the changes of the label map in force.
    pub version: i64,
    /// Whether the journal is in use.
    pub has_base: bool,
    /// Version and digest of the files that this program wrote: at most two, see the index.
    pub(super) written: [Option<(i64, u64)>; 2],
}

impl LabelState {
    pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let file = |version: usize, digest: usize| {
            let version: Option<i64> = row.get(version)?;
            let digest: Option<i64> = row.get(digest)?;
            Ok::<_, rusqlite::Error>(version.zip(digest.map(i64::cast_unsigned)))
        };
        Ok(Self {
            id: ImageId(row.get(0)?),
            path: row.get(1)?,
            status: row.get(2)?,
            size: [row.get(3)?, row.get(4)?],
            version: row.get(5)?,
            has_base: row.get(6)?,
            written: [file(7, 8)?, file(9, 10)?],
        })
    }

    pub fn void(&self) -> LabelMap {
        LabelMap::filled(self.size[0], self.size[1], VOID)
    }

    pub fn check_size(&self, map: &LabelMap) -> Result<()> {
        let ([width, height], [found_width, found_height]) = (self.size, map.size());
        if self.size == map.size() {
            return Ok(());
        }
        Err(Error::argument(
            format!("label map of {}", self.path),
            format!("{width} x {height} pixels"),
            format!("{found_width} x {found_height} pixels"),
        ))
    }

    pub fn check_edit(&self, edit: &Edit) -> Result<()> {
        let bounds = Rect::new(0, 0, self.size[0], self.size[1]);
        if bounds.contains_rect(edit.rect()) {
            return Ok(());
        }
        Err(Error::argument(
            format!("edit of {}", self.path),
            format!("a rectangle within {bounds:?}"),
            format!("{:?}", edit.rect()),
        ))
    }
}

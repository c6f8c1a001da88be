//! What a project knows of an image.

use std::fmt;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use rusqlite::Row;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use super::classes::ClassPixels;

/// An image of a project. The number stays the same as long as the project lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageId(pub(super) i64);

impl ImageId {
    /// The number, for keys of other libraries.
    pub fn number(self) -> i64 {
        self.0
    }
}

impl fmt::Display for ImageId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A moment in the life of a project's index: it grows with each change of an image's record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Revision(pub(super) i64);

/// Marks the content of an image's file: while it is equal, so are the pixels. The default marks no
/// file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct FileMark {
    pub(super) bytes: i64,
    /// When it was written, in nanoseconds since 1970; 0 where the system does not know.
    pub(super) modified: i64,
}

impl FileMark {
    /// The mark of a file as it is now.
    pub(super) fn of(path: &Path) -> Self {
        fs::metadata(path).map_or_else(|_| Self::default(), |metadata| Self::from(&metadata))
    }
}

impl From<&Metadata> for FileMark {
    fn from(metadata: &Metadata) -> Self {
        let time = metadata.modified().ok();
        let since = time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Self {
            bytes: metadata.len().cast_signed(),
            modified: since.map_or(0, |since| since.as_nanos() as i64),
        }
    }
}

/// How far an image is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Nobody said anything yet: its label map is void.
    Unlabelled,
    /// The model labelled it.
    Predicted,
    /// A person changed its labels.
    Corrected,
    /// A person says it is right.
    Reviewed,
}

impl Status {
    /// Every status, in the order of work.
    pub const ALL: [Self; 4] = [
        Self::Unlabelled,
        Self::Predicted,
        Self::Corrected,
        Self::Reviewed,
    ];

    /// Whether a person's work is in the label map, which no prediction replaces then.
    pub fn is_touched(self) -> bool {
        matches!(self, Self::Corrected | Self::Reviewed)
    }

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unlabelled => "unlabelled",
            Self::Predicted => "predicted",
            Self::Corrected => "corrected",
            Self::Reviewed => "reviewed",
        }
    }
}

impl ToSql for Status {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.name().into())
    }
}

impl FromSql for Status {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let name = value.as_str()?;
        Self::ALL
            .into_iter()
            .find(|status| status.name() == name)
            .ok_or(FromSqlError::InvalidType)
    }
}

/// An image as the project's index has it.
#[derive(Debug, Clone, PartialEq)]
pub struct ImageRecord {
    /// Which image.
    pub id: ImageId,
    /// Its path in the folder of images.
    pub path: PathBuf,
    /// Its file, as it was when it was last listed.
    pub file: FileMark,
    /// How far it is.
    pub status: Status,
    /// How unsure the model was: 0 is sure. `None` without a prediction.
    pub uncertainty: Option<f32>,
    /// The part of the labelled pixels on which the prediction says something else, from 0 to 1.
    /// `None` unless a person touched the labels and there is a prediction.
    pub disagreement: Option<f32>,
    /// The pixels of each class in the labels that were written last; `None` where there are none.
    pub classes: Option<ClassPixels>,
    /// When labels, prediction or status last changed, in milliseconds since 1970.
    pub changed: Option<i64>,
    /// Columns, upright; 0 where the image can't be read or was not looked at yet.
    pub width: u32,
    /// Rows, upright; 0 where the image can't be read or was not looked at yet.
    pub height: u32,
    /// Why it can't be read, where it can't.
    pub error: Option<String>,
    /// Whether it is held out from training.
    pub held_out: bool,
    /// Whether a person wants it left out of exports.
    pub excluded: bool,
}

impl ImageRecord {
    /// The columns that [`ImageRecord::from_row`] wants.
    pub(super) const COLUMNS: &str = "id, path, status, uncertainty, width, height, error, missing,
        held_out, disagreement, classes, changed, file_bytes, file_modified, excluded";

    pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let missing: bool = row.get(7)?;
        let error: Option<String> = row.get(6)?;
        Ok(Self {
            id: ImageId(row.get(0)?),
            path: row.get::<_, String>(1)?.split('/').collect(),
            file: FileMark {
                bytes: row.get(12)?,
                modified: row.get(13)?,
            },
            status: row.get(2)?,
            uncertainty: row.get(3)?,
            width: row.get(4)?,
            height: row.get(5)?,
            error: if missing {
                Some("the file is gone".to_owned())
            } else {
                error
            },
            held_out: row.get(8)?,
            disagreement: row.get(9)?,
            classes: row.get(10)?,
            changed: row.get(11)?,
            excluded: row.get(14)?,
        })
    }
}

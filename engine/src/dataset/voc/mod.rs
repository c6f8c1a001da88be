//! The PASCAL VOC segmentation layout.
//!
//! ```text
//! JPEGImages/<stem>.jpg
//! SegmentationClass/<stem>.png        indexed: the index is the class, 255 void
//! SegmentationClassRaw/<stem>.png     the same in grey, as research/deeplab's converter reads it
//! ImageSets/Segmentation/{train,val,trainval}.txt   one stem a line
//! class_names.txt                     one class a line, in index order
//! ```

mod check;
mod export;
mod image;
mod read;

use std::path::{Path, PathBuf};

use super::split::Split;

pub use export::{ExportOptions, export};
pub use read::{VocDataset, VocImage, read_back};

/// Where the files of the layout lie.
#[derive(Debug, Clone)]
struct Layout {
    root: PathBuf,
}

impl Layout {
    fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
        }
    }

    fn images(&self) -> PathBuf {
        self.root.join("JPEGImages")
    }

    fn classes(&self) -> PathBuf {
        self.root.join("SegmentationClass")
    }

    fn raw_classes(&self) -> PathBuf {
        self.root.join("SegmentationClassRaw")
    }

    fn image(&self, stem: &str) -> PathBuf {
        self.images().join(format!("{stem}.jpg"))
    }

    fn class(&self, stem: &str) -> PathBuf {
        self.classes().join(format!("{stem}.png"))
    }

    fn raw_class(&self, stem: &str) -> PathBuf {
        self.raw_classes().join(format!("{stem}.png"))
    }

    fn list(&self, name: &str) -> PathBuf {
        self.root
            .join("ImageSets/Segmentation")
            .join(format!("{name}.txt"))
    }

    fn split_list(&self, split: Split) -> PathBuf {
        self.list(split.name())
    }

    fn class_names(&self) -> PathBuf {
        self.root.join("class_names.txt")
    }
}

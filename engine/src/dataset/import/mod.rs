//! Taking in datasets that others labelled.
//!
//! [`plan`] finds images and label maps and checks all of them: sizes, values, what the values
//! mean. [`ImportPlan::import`] then saves them in a project, as labels that a person corrected.

mod apply;
mod pairs;
mod plan;

use std::fmt;
use std::str::FromStr;

use atrous_palettes::Palette;

use crate::error::Error;

pub use apply::ImportReport;
pub use pairs::Pair;
pub use plan::{ImportOptions, ImportPlan, ValueCount, plan};

/// A layout that can be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImportFormat {
    /// PASCAL VOC: lists, `JPEGImages`, `SegmentationClass`.
    Voc,
    /// Cityscapes: `leftImg8bit` and `gtFine` with label ids or train ids.
    Cityscapes,
    /// ADE20K SceneParse150: `images` and `annotations`, 0 for what is not labelled.
    Ade20k,
    /// CamVid as SegNet has it: `train` and `trainannot` and so on, 11 classes, 11 void.
    CamVid,
    /// Any two folders of images and grey or indexed masks: `images` and `masks`, `x` and `xannot`.
    Masks,
}

impl ImportFormat {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Voc,
        Self::Cityscapes,
        Self::Ade20k,
        Self::CamVid,
        Self::Masks,
    ];

    /// The name that the command line knows it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Voc => "voc",
            Self::Cityscapes => "cityscapes",
            Self::Ade20k => "ade20k",
            Self::CamVid => "camvid",
            Self::Masks => "masks",
        }
    }

    /// The classes of the dataset, where the format alone says which they are.
    pub fn palette(self) -> Option<Palette> {
        match self {
            Self::Voc => Some(Palette::pascal_voc()),
            Self::Cityscapes => Some(Palette::cityscapes()),
            Self::Ade20k => Some(Palette::ade20k()),
            Self::CamVid => Some(Palette::camvid()),
            Self::Masks => None,
        }
    }

    /// The value that is void beside 255, where the format has its own.
    fn void(self) -> Option<u8> {
        (self == Self::CamVid).then_some(11)
    }
}

impl fmt::Display for ImportFormat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for ImportFormat {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let known = Self::ALL.into_iter().find(|format| format.name() == text);
        known.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            Error::argument("format", format!("one of {names}"), text)
        })
    }
}

//! The zoo: checkpoints that others published, and how one of them comes onto this machine.
//!
//! The [`Catalogue`] is data (`assets/zoo/catalogue.toml`). [`Zoo::get`] downloads an archive, checks
//! it and unpacks it into the [`Cache`]; [`Zoo::load`] makes a model of it with the catalogue's flags.
//! Nothing is downloaded unless somebody asks for it.

mod archive;
mod cache;
mod catalogue;
mod checksum;
mod download;
mod entry;
mod member;
mod model;
mod receipt;
mod store;

pub use archive::{ArchiveLimits, unpack};
pub use cache::{Cache, Presence};
pub use catalogue::Catalogue;
pub use download::FetchOptions;
pub use entry::{DataSet, Entry, Evaluation};
pub use receipt::{Receipt, UnpackedFile};
pub use store::{Got, Zoo};

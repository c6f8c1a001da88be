//! Score reports in HTML, JSON and CSV.

mod csv;
mod evaluate;
mod html;
mod json;
mod measures;
mod score;

pub use evaluate::{Evaluation, evaluate};
pub use measures::{Measured, Measures, PanopticScore};
pub use score::{CurveSample, Failure, ImageScore, RunSection, ScoreReport, Scorer};

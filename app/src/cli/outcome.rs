//! What is said while a run goes and when it ended.

use std::path::Path;

use anyhow::Result;
use atrous_engine::finetune::{CurvePoint, Record, Score};
use serde_json::{Value, json};

use super::console::{Console, Outcome};

/// A point of the curves as a JSON line.
pub fn point(point: &CurvePoint) -> Value {
    json!({
        "event": "step",
        "step": point.step,
        "loss": point.loss,
        "learning_rate": point.learning_rate,
        "held_out_miou": point.held_out_miou,
    })
}

/// "mIoU 41.20 before, 63.75 after (step 400), gain 18.1 to 26.9".
fn sentence(record: &Record) -> String {
    let percent = |score: &Option<Score>| {
        score
            .as_ref()
            .and_then(|score| score.miou)
            .map_or("unknown".to_owned(), |miou| format!("{:.2}", 100.0 * miou))
    };
    let gain = record.gain.map_or(String::new(), |[low, high]| {
        format!(", gain {:.2} to {:.2}", 100.0 * low, 100.0 * high)
    });
    let images = record.held_out.len();
    if record.after.is_none() {
        return format!(
            "{} steps; nothing is held out, so there is no score",
            record.step
        );
    }
    format!(
        "held-out mIoU on {images} images: {} before, {} after (step {}){gain}",
        percent(&record.before),
        percent(&record.after),
        record.best_step
    )
}

/// Says how a run ended, and where its model is.
///
/// # Errors
/// When standard output can't be written.
pub fn report(
    console: &mut Console,
    record: &Record,
    model: &Path,
    stopped: bool,
) -> Result<Outcome> {
    console.say(sentence(record));
    console.say(format!("model: {}", model.display()));
    console.result(&end(record, model, stopped))?;
    Ok(if stopped {
        Outcome::Stopped
    } else {
        Outcome::Done
    })
}

/// The end of a run as a JSON line.
fn end(record: &Record, model: &Path, stopped: bool) -> Value {
    json!({
        "event": if stopped { "stopped" } else { "done" },
        "model": model,
        "steps": record.step,
        "best_step": record.best_step,
        "seconds": record.seconds,
        "new_head": record.new_head,
        "train_images": record.train.len(),
        "held_out_images": record.held_out.len(),
        "before": record.before,
        "after": record.after,
        "gain": record.gain,
    })
}

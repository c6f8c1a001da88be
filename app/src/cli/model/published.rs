//! What the catalogue says of a published model, for people and as JSON.

use atrous_engine::zoo::{Entry, Evaluation, Presence, Zoo};
use serde_json::{Value, json};

/// A model of the catalogue as one JSON object.
pub(super) fn json(zoo: &Zoo, entry: &Entry) -> Value {
    let data_set = zoo.catalogue.data_set(entry);
    let (presence, bytes) = match zoo.cache.presence(entry) {
        Presence::Absent => ("absent", 0),
        Presence::Begun { bytes } => ("begun", bytes),
        Presence::Here { bytes } => ("here", bytes),
    };
    json!({
        "name": entry.name,
        "data_set": entry.data_set,
        "trained_on": entry.trained_on,
        "backbone": entry.backbone(),
        "head": entry.head(),
        "depth_multiplier": entry.network.depth_multiplier,
        "atrous_rates": entry.network.atrous_rates,
        "decoder_output_stride": entry.network.decoder_output_stride,
        "network": entry.network,
        "evaluations": entry.evaluations,
        "megabytes": entry.megabytes,
        "address": zoo.catalogue.address(entry),
        "licence": zoo.catalogue.licence,
        "data_terms": data_set.map(|set| &set.terms),
        "data_terms_address": data_set.map(|set| &set.address),
        "note": entry.note,
        "presence": presence,
        "bytes_here": bytes,
        "folder": zoo.cache.model_folder(entry),
    })
}

/// What a person wants to know before downloading: a name and a value each.
pub(super) fn facts(zoo: &Zoo, entry: &Entry) -> Vec<(&'static str, String)> {
    let data_set = zoo.catalogue.data_set(entry);
    let mut facts = vec![
        ("published as", entry.name.clone()),
        ("trained on", entry.trained_on.join(", ")),
        ("backbone", entry.backbone()),
        ("head", entry.head()),
    ];
    facts.extend(
        entry
            .evaluations
            .iter()
            .map(|score| ("score", words(score))),
    );
    if entry.is_backbone_only() {
        facts.push((
            "use",
            "a start for training; it knows no classes".to_owned(),
        ));
    }
    if !entry.note.is_empty() {
        facts.push(("note", entry.note.clone()));
    }
    let size = entry.megabytes;
    facts.push((
        "download",
        size.map_or("unknown size".to_owned(), |size| format!("{size} MB")),
    ));
    facts.push(("address", zoo.catalogue.address(entry)));
    facts.push(("licence", zoo.catalogue.licence.clone()));
    if let Some(set) = data_set {
        facts.push((
            "images",
            format!("{}: {} ({})", set.title, set.terms, set.address),
        ));
    }
    facts.push(("page", zoo.catalogue.page.clone()));
    facts
}

/// "75.3 mIoU on val at output stride 16, 2.75 G multiply-adds, 0.1 s".
fn words(score: &Evaluation) -> String {
    let mut parts = Vec::new();
    if let Some(miou) = score.miou {
        let split = score.split.as_deref().unwrap_or("unknown images");
        parts.push(format!(
            "{miou} mIoU on {split} at output stride {}",
            score.output_stride
        ));
    }
    if score.scales.len() > 1 {
        let flips = if score.flip { ", mirrored too" } else { "" };
        parts.push(format!("{} scales{flips}", score.scales.len()));
    }
    if let Some(accuracy) = score.pixel_accuracy {
        parts.push(format!("{accuracy} % of pixels right"));
    }
    if let Some(billions) = score.multiply_adds_billions {
        parts.push(format!("{billions} G multiply-adds"));
    }
    if let Some(seconds) = score.seconds {
        parts.push(format!("{seconds} s on one CPU"));
    }
    if let Some(milliseconds) = score.pixel4_edgetpu_ms {
        parts.push(format!("{milliseconds} ms on a Pixel 4 EdgeTPU"));
    }
    parts.join(", ")
}

//! `atrous model info`.

use std::path::{Path, PathBuf};

use anyhow::Result;
use atrous_engine::weights::Model;
use atrous_engine::zoo::{Entry, Presence, Zoo};
use clap::Args;
use serde_json::{Value, json};

use super::{Console, JsonFlag, Outcome, Reading, published};

/// Says what a model is.
#[derive(Debug, Args)]
pub(super) struct Info {
    /// The model file, or a published model's name.
    #[arg(value_name = "NAME|FILE")]
    file: PathBuf,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    json: JsonFlag,
}

impl Info {
    pub(super) fn run(self, console: &mut Console) -> Result<Outcome> {
        console.json = self.json.json;
        let mut facts = Vec::new();
        let mut object = json!({});
        let mut loads = true;
        if let Some((zoo, entry)) = find_published(console, &self.file)? {
            loads = is_loadable(&zoo, &entry);
            facts = published::facts(&zoo, &entry);
            facts.push(("here", here(&zoo, &entry)));
            object["published"] = published::json(&zoo, &entry);
        }
        if loads {
            let model = self.reading.load(console, &self.file)?;
            facts.extend(of_model(&model));
            add(&mut object, of_model_json(&model));
        }
        let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        for (name, value) in facts {
            console.say(format!("{name:<width$}  {value}"));
        }
        console.result(&object)?;
        Ok(Outcome::Done)
    }
}

/// The published model of that name, where the name is no file's.
fn find_published(console: &Console, file: &Path) -> Result<Option<(Zoo, Entry)>> {
    if file.exists() {
        return Ok(None);
    }
    let zoo = console.zoo()?;
    let entry = file.to_str().and_then(|name| zoo.catalogue.find(name));
    let entry = entry.cloned();
    Ok(entry.map(|entry| (zoo, entry)))
}

fn is_loadable(zoo: &Zoo, entry: &Entry) -> bool {
    matches!(zoo.cache.presence(entry), Presence::Here { .. }) && !entry.is_backbone_only()
}

fn here(zoo: &Zoo, entry: &Entry) -> String {
    match zoo.cache.presence(entry) {
        Presence::Here { .. } => zoo.cache.model_folder(entry).display().to_string(),
        Presence::Begun { bytes } => format!(
            "no, but {:.1} MB of the download; atrous model get {} goes on",
            bytes as f64 / 1e6,
            entry.name
        ),
        Presence::Absent => format!("no; atrous model get {} downloads it", entry.name),
    }
}

/// What a model is, for a person: a name and a value each.
fn of_model(model: &Model) -> Vec<(&'static str, String)> {
    let (info, config, tensors) = (&model.info, model.config(), &model.accounting);
    let folded = if model.network.is_folded() {
        "folded into the convolutions: for prediction"
    } else {
        "kept apart: can be trained on"
    };
    let mut facts = vec![
        ("name", info.name.clone()),
        ("source", or_unknown(&info.source)),
        ("licence", or_unknown(&info.licence)),
        (
            "network",
            format!(
                "{} {}, output stride {}",
                config.model_variant, config.depth_multiplier, config.output_stride
            ),
        ),
        (
            "classes",
            format!(
                "{} of {}: {}",
                model.palette.len(),
                model.palette.name,
                some_classes(model)
            ),
        ),
        ("input size", format!("{0} x {0}", info.input_size)),
        ("batch norm", folded.to_owned()),
        ("parameters", grouped(parameters(model))),
        (
            "tensors",
            format!(
                "{} used, {} not used, {} missing",
                tensors.used.len(),
                tensors.unused.len(),
                tensors.missing.len()
            ),
        ),
    ];
    facts.extend(info.provenance.iter().map(|step| ("history", step.clone())));
    facts.extend(tensors.unused.iter().map(|name| ("not used", name.clone())));
    facts
}

fn of_model_json(model: &Model) -> Value {
    let info = &model.info;
    let classes: Vec<_> = model
        .palette
        .classes
        .iter()
        .map(|class| &class.name)
        .collect();
    json!({
        "name": info.name,
        "source": info.source,
        "licence": info.licence,
        "provenance": info.provenance,
        "input_size": info.input_size,
        "network": model.config(),
        "palette": model.palette.name,
        "classes": classes,
        "folded": model.network.is_folded(),
        "parameters": parameters(model),
        "tensors_used": model.accounting.used.len(),
        "tensors_unused": model.accounting.unused,
        "tensors_missing": model.accounting.missing,
    })
}

/// Moves the members of one object into another.
fn add(object: &mut Value, more: Value) {
    if let (Value::Object(object), Value::Object(more)) = (object, more) {
        object.extend(more);
    }
}

/// Numbers that the network holds.
fn parameters(model: &Model) -> u64 {
    let values = |shape: &[usize]| shape.iter().map(|side| *side as u64).product::<u64>();
    let variables = model.network.variables();
    variables
        .iter()
        .map(|variable| values(&variable.shape))
        .sum()
}

/// The first classes and how many more there are.
fn some_classes(model: &Model) -> String {
    const SHOWN: usize = 6;
    let names = model
        .palette
        .classes
        .iter()
        .map(|class| class.name.as_str());
    let shown: Vec<_> = names.take(SHOWN).collect();
    let more = model.palette.len().saturating_sub(SHOWN);
    match more {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// 2146645 as "2,146,645".
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn or_unknown(text: &str) -> String {
    if text.is_empty() { "unknown" } else { text }.to_owned()
}

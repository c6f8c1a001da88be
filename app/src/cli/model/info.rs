//! `atrous model info`.

use std::path::{Path, PathBuf};

use anyhow::Result;
use atrous_engine::Limits;
use atrous_engine::weights::{Model, format_of};
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
            if self.file.exists() {
                let format = format_of(&self.file, &Limits::default())?.name();
                facts.push(("file", self.file.display().to_string()));
                facts.push(("format", format.to_owned()));
                object["format"] = format.into();
            }
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
    let (info, config) = (&model.info, model.config());
    let folded = if model.network.is_folded() {
        "folded into the convolutions, where it stays in training"
    } else {
        "kept apart: can be trained on"
    };
    let [height, width] = model.frame();
    let cost = model.network.cost([height, width]);
    let mut facts = vec![("name", info.name.clone())];
    facts.extend(known("source", &info.source));
    facts.push(("licence", or_unknown(&info.licence)));
    facts.extend([
        ("backbone", config.backbone()),
        ("head", config.head()),
        ("output stride", config.output_stride.to_string()),
        ("arithmetic of", config.library_name().to_owned()),
        (
            "classes",
            format!(
                "{} ({}): {}",
                model.palette.len(),
                model.palette.name,
                some_classes(model)
            ),
        ),
        (
            "input",
            format!("{height} x {width} pixels (height x width)"),
        ),
        ("batch norm", folded.to_owned()),
        ("parameters", grouped(cost.parameters)),
        (
            "multiply-adds",
            format!(
                "{:.2} billion for an input of that size",
                cost.multiply_adds() as f64 / 1e9
            ),
        ),
        ("tensors", tensors(model)),
    ]);
    facts.extend(info.provenance.iter().map(|step| ("history", step.clone())));
    let unused = &model.accounting.unused;
    facts.extend(unused.iter().map(|name| ("not used", name.clone())));
    facts
}

/// What became of the file's tensors.
fn tensors(model: &Model) -> String {
    let tensors = &model.accounting;
    let mut text = format!("{} used", tensors.used.len());
    for (names, what) in [
        (&tensors.set_aside, "set aside as not needed here"),
        (&tensors.unused, "not used"),
        (&tensors.missing, "missing"),
    ] {
        if !names.is_empty() {
            text.push_str(&format!(", {} {what}", names.len()));
        }
    }
    text
}

fn of_model_json(model: &Model) -> Value {
    let (info, config) = (&model.info, model.config());
    let [height, width] = model.frame();
    let cost = model.network.cost([height, width]);
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
        "input_height": height,
        "input_width": width,
        "backbone": config.backbone(),
        "head": config.head(),
        "network": config,
        "palette": model.palette.name,
        "classes": classes,
        "folded": model.network.is_folded(),
        "parameters": cost.parameters,
        "multiply_adds": cost.multiply_adds(),
        "tensors_used": model.accounting.used.len(),
        "tensors_unused": model.accounting.unused,
        "tensors_missing": model.accounting.missing,
        "tensors_set_aside": model.accounting.set_aside,
    })
}

/// Moves the members of one object into another.
fn add(object: &mut Value, more: Value) {
    if let (Value::Object(object), Value::Object(more)) = (object, more) {
        object.extend(more);
    }
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

/// A fact, where there is something to say.
fn known(name: &'static str, text: &str) -> Option<(&'static str, String)> {
    (!text.is_empty()).then(|| (name, text.to_owned()))
}

fn or_unknown(text: &str) -> String {
    if text.is_empty() { "unknown" } else { text }.to_owned()
}

//! `atrous model list`.

use anyhow::Result;
use atrous_engine::zoo::{Entry, Presence, Zoo};
use clap::Args;

use super::{Console, JsonFlag, Outcome, published};

/// Lists the published models.
#[derive(Debug, Args)]
pub(super) struct List {
    #[command(flatten)]
    json: JsonFlag,
}

/// The table's columns; the figures stand to the right.
const TITLES: [(&str, bool); 8] = [
    ("name", false),
    ("data set", false),
    ("backbone", false),
    ("stride", true),
    ("mIoU", true),
    ("multiply-adds", true),
    ("download", true),
    ("here", false),
];

impl List {
    pub(super) fn run(self, console: &mut Console) -> Result<Outcome> {
        console.json = self.json.json;
        let zoo = console.zoo()?;
        if self.json.json {
            for entry in &zoo.catalogue.models {
                console.result(&published::json(&zoo, entry))?;
            }
            return Ok(Outcome::Done);
        }
        let rows: Vec<_> = zoo
            .catalogue
            .models
            .iter()
            .map(|entry| row(&zoo, entry))
            .collect();
        for line in table(&rows) {
            console.line(&line)?;
        }
        console.say(
            "\nmIoU in percent and multiply-adds of one image, as published, at the first output \
             stride\natrous model get NAME downloads one; atrous model info NAME says more",
        );
        Ok(Outcome::Done)
    }
}

/// A model's line of the table.
fn row(zoo: &Zoo, entry: &Entry) -> [String; TITLES.len()] {
    let first = entry.evaluations.first();
    let figure = |value: Option<f64>, text: fn(f64) -> String| value.map_or("-".to_owned(), text);
    let data_set = zoo.catalogue.data_set(entry);
    [
        entry.name.clone(),
        data_set.map_or_else(String::new, |set| set.title.clone()),
        entry.backbone(),
        first.map_or("-".to_owned(), |first| first.output_stride.to_string()),
        figure(first.and_then(|first| first.miou), |miou| {
            format!("{miou:.1}")
        }),
        figure(
            first.and_then(|first| first.multiply_adds_billions),
            |billions| format!("{billions:.1} G"),
        ),
        figure(entry.megabytes, |megabytes| format!("{megabytes:.0} MB")),
        match zoo.cache.presence(entry) {
            Presence::Here { .. } => "yes".to_owned(),
            Presence::Begun { .. } => "begun".to_owned(),
            Presence::Absent => String::new(),
        },
    ]
}

/// Columns as wide as what stands in them.
fn table(rows: &[[String; TITLES.len()]]) -> Vec<String> {
    let titles = TITLES.map(|(title, _)| title.to_owned());
    let lines: Vec<_> = std::iter::once(&titles).chain(rows).collect();
    let widths: [usize; TITLES.len()] = std::array::from_fn(|column| {
        let width = |line: &&[String; TITLES.len()]| line[column].chars().count();
        lines.iter().map(width).max().unwrap_or(0)
    });
    let text = |line: &&[String; TITLES.len()]| {
        let cells = line.iter().zip(TITLES).zip(widths);
        let cells: Vec<_> = cells
            .map(|((cell, (_, right)), width)| {
                if right {
                    format!("{cell:>width$}")
                } else {
                    format!("{cell:<width$}")
                }
            })
            .collect();
        cells.join("  ").trim_end().to_owned()
    };
    lines.iter().map(text).collect()
}

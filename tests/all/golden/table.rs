//! The table of BENCHMARKS.md that shows how close every network comes to the original.
//!
//! `ATROUS_WRITE_TABLE=1` fills in what is measured; the other columns keep their figures, so that
//! a GPU's column can be filled where there is one.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use atrous_tests::root;

use super::Measured;
use super::expected::Closeness;

/// The lines before and behind the table.
const MARKS: [&str; 2] = ["<!-- networks -->\n", "<!-- end of networks -->\n"];

/// Tests may run at the same time.
static FILE: Mutex<()> = Mutex::new(());

/// What a network ran on, and in which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Column {
    /// With batch norm, by burn's Flex.
    Flex,
    /// Folded, by the engine's own layers on the CPU.
    Folded,
    /// Through wgpu on software Vulkan, the worse of both forms.
    SoftwareVulkan,
    /// Through wgpu on a GPU, the worse of both forms.
    Gpu,
}

impl Column {
    /// Those of the CPU.
    pub const CPU: &[Self] = &[Self::Flex, Self::Folded];

    const ALL: [Self; 4] = [Self::Flex, Self::Folded, Self::SoftwareVulkan, Self::Gpu];

    fn title(self) -> &'static str {
        match self {
            Self::Flex => "Flex, batch norm",
            Self::Folded => "CPU, folded",
            Self::SoftwareVulkan => "software Vulkan",
            Self::Gpu => "GPU",
        }
    }

    fn of(self, measured: &Measured) -> Closeness {
        match self {
            Self::Flex => measured.batch_norm,
            Self::Folded => measured.folded,
            Self::SoftwareVulkan | Self::Gpu => measured.batch_norm.or_worse(measured.folded),
        }
    }
}

/// What a cell says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure {
    /// The largest difference of a logit, in parts of the largest logit.
    pub relative: f32,
    /// The share of pixels of another class.
    pub disagreement: f64,
}

/// The figures by folder and case.
pub type Rows = BTreeMap<(String, String), BTreeMap<Column, Figure>>;

/// Whether what is measured is to go into the table.
pub fn is_wanted() -> bool {
    std::env::var_os("ATROUS_WRITE_TABLE").is_some()
}

/// Puts the figures of `columns` into the table.
pub fn fill(measured: &[Measured], columns: &[Column]) {
    let _guard = FILE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut rows = rows();
    for measured in measured {
        let key = (measured.case.folder.clone(), measured.case.name.clone());
        let row = rows.entry(key).or_default();
        for &column in columns {
            let closeness = column.of(measured);
            let figure = Figure {
                relative: closeness.relative,
                disagreement: 1.0 - closeness.agreement(),
            };
            row.insert(column, figure);
        }
    }
    let [before, _, behind] = page();
    let page = [
        before.as_str(),
        MARKS[0],
        &written(&rows),
        MARKS[1],
        &behind,
    ]
    .concat();
    std::fs::write(path(), page).unwrap();
}

/// The figures that the page shows.
pub fn rows() -> Rows {
    let [_, table, _] = page();
    table.lines().skip(2).map(parse).collect()
}

fn path() -> PathBuf {
    root().join("BENCHMARKS.md")
}

/// What is before, between and behind the marks.
fn page() -> [String; 3] {
    let text = std::fs::read_to_string(path()).unwrap();
    let (before, rest) = text.split_once(MARKS[0]).unwrap();
    let (table, behind) = rest.split_once(MARKS[1]).unwrap();
    [before, table, behind].map(str::to_owned)
}

fn written(rows: &Rows) -> String {
    let mut text = "| network | case |".to_owned();
    for column in Column::ALL {
        write!(text, " {} |", column.title()).unwrap();
    }
    writeln!(text, "\n|{}", " --- |".repeat(2 + Column::ALL.len())).unwrap();
    for ((folder, case), figures) in rows {
        write!(text, "| {folder} | {case} |").unwrap();
        for column in Column::ALL {
            match figures.get(&column) {
                Some(figure) => {
                    let same = 100.0 * (1.0 - figure.disagreement);
                    write!(text, " {:.1e}, {same:.3} % |", figure.relative).unwrap();
                }
                None => text.push_str(" |"),
            }
        }
        text.push('\n');
    }
    text
}

fn parse(line: &str) -> ((String, String), BTreeMap<Column, Figure>) {
    let cells: Vec<_> = line.split('|').map(str::trim).collect();
    let figures = Column::ALL.iter().zip(&cells[3..]);
    let figures = figures
        .filter(|(_, cell)| !cell.is_empty())
        .map(|(column, cell)| {
            let (relative, same) = cell.split_once(", ").unwrap();
            let same: f64 = same.trim_end_matches(" %").parse().unwrap();
            let figure = Figure {
                relative: relative.parse().unwrap(),
                disagreement: 1.0 - same / 100.0,
            };
            (*column, figure)
        });
    (
        (cells[1].to_owned(), cells[2].to_owned()),
        figures.collect(),
    )
}

#[test]
fn a_table_is_read_as_it_is_written() {
    let figure = Figure {
        relative: 2.5e-6,
        disagreement: 0.0,
    };
    let figures = BTreeMap::from([(Column::Flex, figure), (Column::Gpu, figure)]);
    let rows = Rows::from([(("mobilenet_v2_voc".to_owned(), "os8".to_owned()), figures)]);
    let text = written(&rows);
    let read: Rows = text.lines().skip(2).map(parse).collect();
    assert_eq!(read, rows);
}

//! A dense prediction cell as research/deeplab writes it down.

use serde::Deserialize;

use crate::{Error, Result};

/// The cells that research/deeplab ships, by file name.
const SHIPPED: [(&str, &str); 1] = [(
    "dense_prediction_cell_branch5_top1_cityscapes.json",
    include_str!("../../../../assets/cells/branch5_top1_cityscapes.json"),
)];

/// More than any cell has been searched with.
const MOST_BRANCHES: usize = 32;

/// Further apart than any map is wide.
const LARGEST_RATE: usize = 1024;

/// What a branch of the cell does, and with what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::network) enum Branch {
    /// A 3x3 separable convolution, its pixels that far apart by rows and columns.
    Separable {
        /// Another branch, or the backbone.
        input: Option<usize>,
        /// At output stride 16.
        rate: [usize; 2],
    },
    /// A 1x1 convolution.
    Pointwise {
        /// Another branch, or the backbone.
        input: Option<usize>,
    },
    /// Means over windows, then a 1x1 convolution.
    Pooling {
        /// Another branch, or the backbone.
        input: Option<usize>,
        /// Windows that the map holds by rows and columns.
        grid: [usize; 2],
    },
}

impl Branch {
    /// The branch that this one reads; none for the backbone.
    pub(super) fn input(&self) -> Option<usize> {
        match self {
            Self::Separable { input, .. }
            | Self::Pointwise { input }
            | Self::Pooling { input, .. } => *input,
        }
    }
}

/// The branches of a cell, from its JSON or from the name of a cell that research/deeplab ships.
///
/// # Errors
/// [`Error::Argument`] where the text is neither, or a branch reads one that comes after it.
pub(in crate::network) fn branches(cell: &str) -> Result<Vec<Branch>> {
    let text = SHIPPED
        .iter()
        .find_map(|(name, text)| (*name == cell).then_some(*text))
        .unwrap_or(cell);
    let written: Vec<Written> = serde_json::from_str(text).map_err(|error| {
        let (shipped, _) = SHIPPED[0];
        refuse(&format!("a cell as JSON, or {shipped}"), &error.to_string())
    })?;
    if !(1..=MOST_BRANCHES).contains(&written.len()) {
        let expected = format!("1 to {MOST_BRANCHES} branches");
        return Err(refuse(&expected, &written.len().to_string()));
    }
    let parsed = written.iter().enumerate();
    parsed.map(|(index, branch)| branch.parse(index)).collect()
}

fn refuse(expected: &str, found: &str) -> Error {
    Error::argument("dense_prediction_cell_json", expected, found)
}

/// A branch in JSON.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
enum Written {
    Conv {
        input: i64,
        kernel: Sides,
        rate: Option<[usize; 2]>,
    },
    PyramidPooling {
        input: i64,
        grid_size: [usize; 2],
    },
}

/// One number for both sides, or one each.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(untagged)]
enum Sides {
    Both(usize),
    Each([usize; 2]),
}

impl Written {
    /// The branch, which is number `index` of the cell.
    fn parse(&self, index: usize) -> Result<Branch> {
        match *self {
            Self::PyramidPooling { input, grid_size } => {
                if !grid_size.iter().all(|n| (1..=LARGEST_RATE).contains(n)) {
                    let expected = format!("a grid_size from 1 to {LARGEST_RATE}");
                    return Err(refuse(&expected, &format!("{grid_size:?}")));
                }
                Ok(Branch::Pooling {
                    input: parse_input(input, index)?,
                    grid: grid_size,
                })
            }
            Self::Conv {
                input,
                kernel,
                rate,
            } => {
                let input = parse_input(input, index)?;
                match kernel {
                    Sides::Both(1) | Sides::Each([1, 1]) => Ok(Branch::Pointwise { input }),
                    Sides::Both(3) | Sides::Each([3, 3]) => Ok(Branch::Separable {
                        input,
                        rate: parse_rate(rate)?,
                    }),
                    other => Err(refuse("kernels of 1 and 3", &format!("{other:?}"))),
                }
            }
        }
    }
}

/// -1 is the backbone; a branch reads only those before it.
fn parse_input(input: i64, index: usize) -> Result<Option<usize>> {
    if input == -1 {
        return Ok(None);
    }
    match usize::try_from(input) {
        Ok(branch) if branch < index => Ok(Some(branch)),
        _ => {
            let expected = format!("an input below {index} for branch {index}, or -1");
            Err(refuse(&expected, &input.to_string()))
        }
    }
}

fn parse_rate(rate: Option<[usize; 2]>) -> Result<[usize; 2]> {
    match rate {
        Some(rate) if rate.iter().all(|r| (1..=LARGEST_RATE).contains(r)) => Ok(rate),
        other => {
            let expected = format!("two rates from 1 to {LARGEST_RATE}");
            Err(refuse(&expected, &format!("{other:?}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_cell_is_the_published_one() {
        let separable = |input, rate| Branch::Separable { input, rate };
        let expected = [
            separable(None, [1, 6]),
            separable(Some(0), [18, 15]),
            separable(Some(1), [6, 3]),
            separable(Some(0), [1, 1]),
            separable(Some(0), [6, 21]),
        ];
        assert_eq!(branches(SHIPPED[0].0).unwrap(), expected);
        assert_eq!(branches(SHIPPED[0].1).unwrap(), expected);
    }

    #[test]
    fn says_what_is_wrong_with_a_cell() {
        let message = |text: &str| branches(text).unwrap_err().to_string();
        assert!(message("cell.json").contains("branch5_top1_cityscapes"));
        assert!(message("[]").contains("1 to 32 branches"));
        let conv = |rest: &str| message(&format!(r#"[{{"op": "conv", {rest}}}]"#));
        assert!(conv(r#""kernel": 3, "rate": [1, 1], "input": 0"#).contains("below 0"));
        assert!(conv(r#""kernel": 3, "input": -1"#).contains("two rates"));
        assert!(conv(r#""kernel": 5, "rate": [1, 1], "input": -1"#).contains("kernels of 1 and 3"));
        assert!(conv(r#""kernel": 3, "rate": [0, 1], "input": -1"#).contains("two rates"));
        let pooling = r#"[{"op": "pyramid_pooling", "grid_size": [0, 1], "input": -1}]"#;
        assert!(message(pooling).contains("grid_size"));
        assert!(message(r#"[{"op": "dance", "input": -1}]"#).contains("dance"));
    }
}

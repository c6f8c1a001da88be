//! The random walker: one linear system on a grid, solved by conjugate gradients.

use rayon::prelude::*;

use super::squared;
use crate::error::Result;
use crate::jobs::Cancel;
use crate::network::cpu::{Vectorised, vectorised};

/// Rows that one task takes on at a time.
const BAND: usize = 64;

/// How strongly a node holds to its prior, against an edge between like colours. A walker goes
/// about one over its root, 20 nodes, before the prior decides.
const HOLD: f32 = 0.0025;

/// No edge is weaker: regions hang together in spite of noise.
const WEAKEST: f32 = 1e-3;

/// Solutions this exact do not change which side of a half a node is on, but for a few on the line.
const EXACT: f32 = 5e-3;

/// More steps than this are not waited for.
const MOST_STEPS: usize = 300;

/// The chance that a walker from each node is absorbed inside: by a node fixed as inside, or by its
/// prior. `nodes` are rows and columns.
pub(super) fn chances(
    nodes: [usize; 2],
    lab: &[[f32; 3]],
    prior: &[f32],
    fixed: &[Option<bool>],
    cancel: &Cancel,
) -> Result<Vec<f32>> {
    let grid = Grid::new(nodes, lab, fixed);
    let start: Vec<f32> = prior
        .iter()
        .zip(fixed)
        .map(|(prior, fixed)| fixed.map_or(*prior, |inside| f32::from(u8::from(inside))))
        .collect();
    grid.solve(start, prior, cancel)
}

/// The system's matrix: edges to the right and down, and which nodes are fixed.
struct Grid<'a> {
    columns: usize,
    right: Vec<f32>,
    down: Vec<f32>,
    /// The diagonal.
    total: Vec<f32>,
    fixed: &'a [Option<bool>],
}

impl<'a> Grid<'a> {
    fn new([rows, columns]: [usize; 2], lab: &[[f32; 3]], fixed: &'a [Option<bool>]) -> Self {
        let count = rows * columns;
        let differs = |node: usize, next: usize| squared(lab[node], lab[next]);
        let mut right = vec![f32::INFINITY; count];
        let mut down = vec![f32::INFINITY; count];
        let (mut sum, mut edges) = (0.0_f64, 0);
        for node in 0..count {
            if node % columns + 1 < columns {
                right[node] = differs(node, node + 1);
                (sum, edges) = (sum + f64::from(right[node]), edges + 1);
            }
            if node + columns < count {
                down[node] = differs(node, node + columns);
                (sum, edges) = (sum + f64::from(down[node]), edges + 1);
            }
        }
        // What counts as a change of colour is measured on the image itself.
        let mean = (sum / f64::from(edges.max(1))).max(0.5) as f32;
        let mut total = vec![HOLD; count];
        for node in 0..count {
            for (edges, step) in [(&mut right, 1), (&mut down, columns)] {
                if edges[node].is_finite() {
                    edges[node] = (-edges[node] / mean).exp().max(WEAKEST);
                    total[node] += edges[node];
                    total[node + step] += edges[node];
                } else {
                    edges[node] = 0.0;
                }
            }
        }
        Self {
            columns,
            right,
            down,
            total,
            fixed,
        }
    }

    /// Matrix times `x`; nothing for nodes that are fixed.
    fn apply(&self, x: &[f32], out: &mut [f32]) {
        let side = self.columns.max(1);
        let rows = out.par_chunks_mut(BAND * side).enumerate();
        rows.for_each(|(band, out)| {
            for (row, out) in out.chunks_exact_mut(side).enumerate() {
                self.apply_row(band * BAND + row, x, out);
            }
        });
    }

    fn apply_row(&self, row: usize, x: &[f32], out: &mut [f32]) {
        let side = self.columns;
        let start = row * side;
        let mine = start..start + side;
        vectorised(Row {
            total: &self.total[mine.clone()],
            right: &self.right[mine.clone()],
            x: &x[mine.clone()],
            out,
        });
        if row > 0 {
            let above = start - side..start;
            vectorised(Subtract {
                weights: &self.down[above.clone()],
                x: &x[above],
                out,
            });
        }
        if start + side < x.len() {
            vectorised(Subtract {
                weights: &self.down[mine.clone()],
                x: &x[start + side..start + 2 * side],
                out,
            });
        }
        for (out, fixed) in out.iter_mut().zip(&self.fixed[mine]) {
            if fixed.is_some() {
                *out = 0.0;
            }
        }
    }

    /// Conjugate gradients with the diagonal as preconditioner, from `x` on.
    fn solve(&self, mut x: Vec<f32>, prior: &[f32], cancel: &Cancel) -> Result<Vec<f32>> {
        let mut product = vec![0.0; x.len()];
        self.apply(&x, &mut product);
        let rest = prior.iter().zip(&product).zip(self.fixed);
        let mut rest: Vec<f32> = rest
            .map(|((prior, product), fixed)| match fixed {
                Some(_) => 0.0,
                None => HOLD * prior - product,
            })
            .collect();
        let scaled = |rest: &[f32]| -> Vec<f32> {
            rest.iter()
                .zip(&self.total)
                .map(|(rest, total)| rest / total)
                .collect()
        };
        let mut step = scaled(&rest);
        let mut strength = dot(&rest, &step);
        for turn in 0..MOST_STEPS {
            // The largest change that a Jacobi step would still make, against what holds a node.
            let largest = rest
                .iter()
                .fold(0.0_f32, |largest, rest| largest.max(rest.abs()));
            if largest <= EXACT * HOLD || strength <= f32::MIN_POSITIVE {
                break;
            }
            if turn % 16 == 0 {
                cancel.check()?;
            }
            self.apply(&step, &mut product);
            let along = strength / dot(&step, &product).max(f32::MIN_POSITIVE);
            for ((x, rest), (step, product)) in
                x.iter_mut().zip(&mut rest).zip(step.iter().zip(&product))
            {
                *x += along * step;
                *rest -= along * product;
            }
            let next = scaled(&rest);
            let now = dot(&rest, &next);
            let kept = now / strength;
            strength = now;
            for (step, next) in step.iter_mut().zip(next) {
                *step = next + kept * *step;
            }
        }
        Ok(x)
    }
}

/// A row with its neighbours left and right.
struct Row<'a> {
    total: &'a [f32],
    right: &'a [f32],
    x: &'a [f32],
    out: &'a mut [f32],
}

impl Vectorised for Row<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let sums = self.out.iter_mut().zip(self.total.iter().zip(self.x));
        for (out, (total, x)) in sums {
            *out = total * x;
        }
        let pairs = self.x.len().saturating_sub(1);
        let weights = &self.right[..pairs];
        let next = weights.iter().zip(&self.x[1.min(self.x.len())..]);
        for (out, (weight, x)) in self.out.iter_mut().zip(next) {
            *out -= weight * x;
        }
        let before = weights.iter().zip(self.x);
        for (out, (weight, x)) in self.out.iter_mut().skip(1).zip(before) {
            *out -= weight * x;
        }
    }
}

/// What the neighbours in another row take off.
struct Subtract<'a> {
    weights: &'a [f32],
    x: &'a [f32],
    out: &'a mut [f32],
}

impl Vectorised for Subtract<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (out, (weight, x)) in self.out.iter_mut().zip(self.weights.iter().zip(self.x)) {
            *out -= weight * x;
        }
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let products = a.chunks(1024).zip(b.chunks(1024));
    // In double precision between blocks: long sums of floats lose what matters.
    let sums = products.map(|(a, b)| f64::from(vectorised(Dot { a, b })));
    sums.sum::<f64>() as f32
}

/// The sum of products, sixteen at a time.
struct Dot<'a> {
    a: &'a [f32],
    b: &'a [f32],
}

impl Vectorised for Dot<'_> {
    type Output = f32;

    #[inline(always)]
    fn run(self) -> f32 {
        let (a, a_rest) = self.a.as_chunks::<16>();
        let (b, b_rest) = self.b.as_chunks::<16>();
        let mut lanes = [0.0; 16];
        for (a, b) in a.iter().zip(b) {
            for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
                *lane += a * b;
            }
        }
        let rest = a_rest.iter().zip(b_rest).map(|(a, b)| a * b);
        lanes.into_iter().chain(rest).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_solves_the_system() {
        let nodes = [5, 7];
        let lab: Vec<[f32; 3]> = (0..35)
            .map(|node| [(node % 7) as f32 * 3.0, 0.0, 0.0])
            .collect();
        let prior: Vec<f32> = (0..35).map(|node| (node % 3) as f32 / 2.0).collect();
        let mut fixed = vec![None; 35];
        (fixed[8], fixed[33]) = (Some(true), Some(false));
        let found = chances(nodes, &lab, &prior, &fixed, &Cancel::default()).unwrap();
        let grid = Grid::new(nodes, &lab, &fixed);
        let mut product = vec![0.0; 35];
        grid.apply(&found, &mut product);
        for node in 0..35 {
            match fixed[node] {
                Some(inside) => assert_eq!(found[node], f32::from(u8::from(inside))),
                None => assert!((product[node] - HOLD * prior[node]).abs() < EXACT * HOLD),
            }
            assert!((0.0..=1.0).contains(&found[node]));
        }
    }
}

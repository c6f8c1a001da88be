//! The cheapest path over a lattice, straight where nothing is gained by a bend.

use super::lattice::Lattice;
use crate::mask::Point;

/// What a step to a node on a strong edge costs, as a whole number,
const LEAST: f32 = 6.0;
/// and what one to a node on no edge costs.
const MOST: f32 = 64.0;
/// A step along a row or column is so many times as dear as its node, one over a corner about the
/// square root of 2 times that.
const STRAIGHT: u32 = 5;
const DIAGONAL: u32 = 7;
/// No step costs as much as this.
const RING: usize = 512;

/// Not reached yet.
const FAR: u32 = u32::MAX;

/// The cheapest path between two nodes: the points at which it bends. An edge of strength `reference`
/// or more is as good as any.
pub(super) fn cheapest(
    lattice: &Lattice,
    strengths: &[f32],
    reference: f32,
    [from, to]: [usize; 2],
) -> Vec<Point> {
    let cost = |strength: &f32| {
        let missing = 1.0 - (strength / reference).min(1.0);
        (LEAST + (MOST - LEAST) * missing) as u8
    };
    let costs: Vec<u8> = strengths.iter().map(cost).collect();
    let mut walk = Walk::new(lattice.nodes(), &costs, from);
    walk.reach(to);
    let nodes = walk.way_back(to);
    let mut bends = vec![from];
    straighten(&walk, &nodes, &mut bends);
    bends.into_iter().map(|node| lattice.point(node)).collect()
}

/// Dijkstra's search with whole costs: nodes wait in a ring of buckets, one a cost (Dial, *Algorithm
/// 360: Shortest-Path Forest with Topological Ordering*, 1969).
struct Walk<'a> {
    columns: usize,
    rows: usize,
    costs: &'a [u8],
    /// The cost of the cheapest way to each node so far.
    ways: Vec<u32>,
    /// The direction in which each node was reached.
    arrived: Vec<u8>,
    buckets: Vec<Vec<u32>>,
}

/// The eight directions: steps along columns and rows.
const DIRECTIONS: [[isize; 2]; 8] = [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
    [1, 1],
    [-1, -1],
    [1, -1],
    [-1, 1],
];

impl<'a> Walk<'a> {
    fn new([columns, rows]: [usize; 2], costs: &'a [u8], from: usize) -> Self {
        let mut ways = vec![FAR; costs.len()];
        ways[from] = 0;
        let mut buckets = vec![Vec::new(); RING];
        buckets[0].push(from as u32);
        Self {
            columns,
            rows,
            costs,
            ways,
            arrived: vec![u8::MAX; costs.len()],
            buckets,
        }
    }

    /// Walks until the cheapest way to a node is known.
    fn reach(&mut self, to: usize) {
        let (mut level, mut waiting) = (0, 1_usize);
        while waiting > 0 {
            let mut bucket = std::mem::take(&mut self.buckets[level as usize % RING]);
            waiting -= bucket.len();
            for node in bucket.drain(..) {
                let node = node as usize;
                if node == to {
                    return;
                }
                // A cheaper way was found after it had been put here.
                if self.ways[node] == level {
                    waiting += self.look_around(node, level);
                }
            }
            // Every step costs something, so nothing was added to this bucket meanwhile.
            self.buckets[level as usize % RING] = bucket;
            level += 1;
        }
    }

    /// Goes a step on from a node; how many nodes wait that did not before.
    fn look_around(&mut self, node: usize, level: u32) -> usize {
        let (row, column) = (node / self.columns, node % self.columns);
        let mut added = 0;
        for (direction, [right, down]) in DIRECTIONS.iter().enumerate() {
            let (Some(column), Some(row)) = (
                column.checked_add_signed(*right),
                row.checked_add_signed(*down),
            ) else {
                continue;
            };
            if column >= self.columns || row >= self.rows {
                continue;
            }
            let next = row * self.columns + column;
            let length = if direction < 4 { STRAIGHT } else { DIAGONAL };
            let way = level + length * u32::from(self.costs[next]);
            if way < self.ways[next] {
                self.ways[next] = way;
                self.arrived[next] = direction as u8;
                self.buckets[way as usize % RING].push(next as u32);
                added += 1;
            }
        }
        added
    }

    /// The nodes on the way to one, from the start.
    fn way_back(&self, to: usize) -> Vec<usize> {
        let mut nodes = vec![to];
        let mut node = to;
        while let Some([right, down]) = DIRECTIONS.get(usize::from(self.arrived[node])) {
            node = node.wrapping_add_signed(-(down * self.columns as isize + right));
            nodes.push(node);
        }
        nodes.reverse();
        nodes
    }

    fn place(&self, node: usize) -> [f32; 2] {
        [(node % self.columns) as f32, (node / self.columns) as f32]
    }

    /// What a straight line between two nodes costs.
    fn straight(&self, from: usize, to: usize) -> f32 {
        let ([x, y], [right, down]) = (self.place(from), self.place(to));
        let (right, down) = (right - x, down - y);
        let steps = right.abs().max(down.abs());
        let cost = |step: usize| {
            let share = step as f32 / steps;
            let [column, row] = [x + share * right, y + share * down].map(|v| v.round() as usize);
            u32::from(self.costs[row * self.columns + column])
        };
        let sum: u32 = (1..=steps as usize).map(cost).sum();
        let length = right.hypot(down) / steps.max(1.0);
        STRAIGHT as f32 * length * sum as f32
    }
}

/// Appends the nodes of a path at which it has to bend, but for the first: elsewhere a straight line
/// costs no more than it does.
fn straighten(walk: &Walk<'_>, nodes: &[usize], bends: &mut Vec<usize>) {
    let mut parts = vec![nodes];
    while let Some(part) = parts.pop() {
        let [first, middle @ .., last] = part else {
            continue;
        };
        let cost = (walk.ways[*last] - walk.ways[*first]) as f32;
        if middle.is_empty() || walk.straight(*first, *last) <= cost {
            bends.push(*last);
            continue;
        }
        let (a, b) = (walk.place(*first), walk.place(*last));
        let away = |node: &usize| super::simplify::distance(walk.place(*node), a, b);
        let farthest = (0..middle.len())
            .max_by(|left, right| away(&middle[*left]).total_cmp(&away(&middle[*right])));
        let split = farthest.unwrap_or_default() + 1;
        parts.push(&part[split..]);
        parts.push(&part[..=split]);
    }
}

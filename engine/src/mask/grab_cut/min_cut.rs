//! The cheapest cut of a grid into inside and outside: maximum flow by two search trees that grow
//! from both ends and are mended where the flow breaks them (Boykov and Kolmogorov, *An Experimental
//! Comparison of Min-Cut/Max-Flow Algorithms for Energy Minimization in Vision*, 2004).

use std::collections::VecDeque;

/// The eight neighbours: rows down, columns across. Opposite ways add up to 7.
pub(super) const DIRECTIONS: [[isize; 2]; 8] = [
    [-1, -1],
    [-1, 0],
    [-1, 1],
    [0, -1],
    [0, 1],
    [1, -1],
    [1, 0],
    [1, 1],
];

/// A node's parent is the terminal itself.
const TERMINAL: u8 = 8;
/// A node has lost its parent, or never had one.
const NONE: u8 = 9;

/// Which tree a node is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tree {
    Free,
    Inside,
    Outside,
}

/// A grid with what can still flow.
pub(super) struct MinCut {
    columns: usize,
    /// What can still flow from each node each way; nothing beyond the grid.
    rooms: Vec<[i32; 8]>,
    /// What can still flow from the inside terminal (positive), or to the outside one (negative).
    terminals: Vec<i32>,
    trees: Vec<Tree>,
    parents: Vec<u8>,
    /// When the way to the terminal was last seen to be whole, and how long it was then.
    seen: Vec<u32>,
    lengths: Vec<u32>,
    now: u32,
    active: VecDeque<u32>,
    orphans: VecDeque<u32>,
}

impl MinCut {
    /// A grid of rows and columns. `costs` say what it costs to put a node outside, or, where they
    /// are negative, inside; `border` what it costs to cut between a node and its neighbour, which
    /// is the same from both ends.
    pub(super) fn new(
        [rows, columns]: [usize; 2],
        costs: &[i32],
        border: impl Fn(usize, usize) -> i32,
    ) -> Self {
        let exists = |node: usize, [down, across]: [isize; 2]| {
            let (row, column) = (
                (node / columns) as isize + down,
                (node % columns) as isize + across,
            );
            (0..rows as isize).contains(&row) && (0..columns as isize).contains(&column)
        };
        let room = |node: usize| {
            std::array::from_fn(|way| {
                if exists(node, DIRECTIONS[way]) {
                    border(node, way)
                } else {
                    0
                }
            })
        };
        let count = rows * columns;
        let mut cut = Self {
            columns,
            rooms: (0..count).map(room).collect(),
            terminals: costs.to_vec(),
            trees: vec![Tree::Free; count],
            parents: vec![NONE; count],
            seen: vec![0; count],
            lengths: vec![0; count],
            now: 0,
            active: VecDeque::new(),
            orphans: VecDeque::new(),
        };
        for (node, cost) in costs.iter().enumerate() {
            if *cost != 0 {
                cut.trees[node] = if *cost > 0 {
                    Tree::Inside
                } else {
                    Tree::Outside
                };
                cut.parents[node] = TERMINAL;
                cut.lengths[node] = 1;
                cut.active.push_back(node as u32);
            }
        }
        cut
    }

    /// Whether each node is inside in the cheapest cut; of several, the one with most inside.
    pub(super) fn solve(mut self) -> Vec<bool> {
        while let Some(node) = self.active.pop_front() {
            let node = node as usize;
            while self.parents[node] != NONE {
                let Some((source, way)) = self.grow(node) else {
                    break;
                };
                self.now += 1;
                self.augment(source, way);
                while let Some(orphan) = self.orphans.pop_front() {
                    self.adopt(orphan as usize);
                }
            }
        }
        self.trees
            .iter()
            .map(|tree| *tree != Tree::Outside)
            .collect()
    }

    fn neighbour(&self, node: usize, way: usize) -> usize {
        let [down, across] = DIRECTIONS[way];
        (node as isize + down * self.columns as isize + across) as usize
    }

    /// What can flow along the tree between a node and its neighbour: from the inside outwards.
    fn room(&self, tree: Tree, node: usize, way: usize) -> i32 {
        // Beyond the grid nothing flows, and there is no neighbour to be asked.
        if tree == Tree::Inside || !self.exists(node, way) {
            self.rooms[node][way]
        } else {
            self.rooms[self.neighbour(node, way)][7 - way]
        }
    }

    fn exists(&self, node: usize, way: usize) -> bool {
        let [down, across] = DIRECTIONS[way];
        let column = (node % self.columns) as isize + across;
        let next = node as isize + down * self.columns as isize + across;
        (0..self.columns as isize).contains(&column)
            && (0..self.rooms.len() as isize).contains(&next)
    }

    /// Lets the tree of an active node grow by its neighbours, until it touches the other tree: then
    /// the node on the inside of the touching pair, and the way to the other one.
    fn grow(&mut self, node: usize) -> Option<(usize, usize)> {
        let tree = self.trees[node];
        for way in 0..8 {
            if self.room(tree, node, way) <= 0 || !self.exists(node, way) {
                continue;
            }
            let next = self.neighbour(node, way);
            if self.trees[next] == Tree::Free {
                self.trees[next] = tree;
                self.parents[next] = (7 - way) as u8;
                self.seen[next] = self.seen[node];
                self.lengths[next] = self.lengths[node] + 1;
                self.active.push_back(next as u32);
            } else if self.trees[next] != tree {
                return Some(match tree {
                    Tree::Inside => (node, way),
                    _ => (next, 7 - way),
                });
            } else if self.seen[next] <= self.seen[node]
                && self.lengths[next] > self.lengths[node] + 1
            {
                // A shorter way to the terminal.
                self.parents[next] = (7 - way) as u8;
                self.seen[next] = self.seen[node];
                self.lengths[next] = self.lengths[node] + 1;
            }
        }
        None
    }

    /// Sends as much as can flow along both trees and the edge between them.
    fn augment(&mut self, source: usize, way: usize) {
        let sink = self.neighbour(source, way);
        let mut flow = self.rooms[source][way];
        let mut node = source;
        while self.parents[node] != TERMINAL {
            let up = usize::from(self.parents[node]);
            let parent = self.neighbour(node, up);
            flow = flow.min(self.rooms[parent][7 - up]);
            node = parent;
        }
        flow = flow.min(self.terminals[node]);
        node = sink;
        while self.parents[node] != TERMINAL {
            let up = usize::from(self.parents[node]);
            flow = flow.min(self.rooms[node][up]);
            node = self.neighbour(node, up);
        }
        flow = flow.min(-self.terminals[node]);
        self.push(source, way, flow);
        self.drain(source, Tree::Inside, flow);
        self.drain(sink, Tree::Outside, flow);
    }

    /// Takes the flow off the way from a node to its terminal; who is cut off becomes an orphan.
    fn drain(&mut self, mut node: usize, tree: Tree, flow: i32) {
        while self.parents[node] != TERMINAL {
            let up = usize::from(self.parents[node]);
            let parent = self.neighbour(node, up);
            let left = match tree {
                Tree::Inside => {
                    self.push(parent, 7 - up, flow);
                    self.rooms[parent][7 - up]
                }
                _ => {
                    self.push(node, up, flow);
                    self.rooms[node][up]
                }
            };
            if left == 0 {
                self.orphan(node);
            }
            node = parent;
        }
        self.terminals[node] += if tree == Tree::Inside { -flow } else { flow };
        if self.terminals[node] == 0 {
            self.orphan(node);
        }
    }

    fn push(&mut self, node: usize, way: usize, flow: i32) {
        let next = self.neighbour(node, way);
        self.rooms[node][way] -= flow;
        self.rooms[next][7 - way] += flow;
    }

    fn orphan(&mut self, node: usize) {
        self.parents[node] = NONE;
        self.orphans.push_back(node as u32);
    }

    /// Finds an orphan another parent in its tree, the one nearest to the terminal; without one it
    /// is free, and its children are orphans.
    fn adopt(&mut self, orphan: usize) {
        let tree = self.trees[orphan];
        let mut best: Option<(u32, usize)> = None;
        for way in 0..8 {
            if !self.exists(orphan, way) {
                continue;
            }
            let next = self.neighbour(orphan, way);
            if self.trees[next] != tree || self.room(tree, next, 7 - way) <= 0 {
                continue;
            }
            if let Some(length) = self.length_to_terminal(next)
                && best.is_none_or(|(least, _)| length < least)
            {
                best = Some((length, way));
            }
        }
        if let Some((length, way)) = best {
            self.parents[orphan] = way as u8;
            self.seen[orphan] = self.now;
            self.lengths[orphan] = length + 1;
            return;
        }
        self.trees[orphan] = Tree::Free;
        for way in 0..8 {
            if !self.exists(orphan, way) {
                continue;
            }
            let next = self.neighbour(orphan, way);
            if self.trees[next] != tree {
                continue;
            }
            if self.room(tree, next, 7 - way) > 0 {
                self.active.push_back(next as u32);
            }
            if self.parents[next] == (7 - way) as u8 {
                self.orphan(next);
            }
        }
    }

    /// How many steps a node is from its terminal; `None` where the way there is broken.
    fn length_to_terminal(&mut self, start: usize) -> Option<u32> {
        let (mut node, mut steps) = (start, 0);
        let length = loop {
            if self.seen[node] == self.now && self.parents[node] != NONE {
                break steps + self.lengths[node];
            }
            match self.parents[node] {
                NONE => return None,
                TERMINAL => {
                    self.seen[node] = self.now;
                    self.lengths[node] = 1;
                    break steps + 1;
                }
                up => {
                    node = self.neighbour(node, usize::from(up));
                    steps += 1;
                }
            }
        };
        // The next one who comes this way need not walk it again.
        let (mut node, mut left) = (start, length);
        while self.seen[node] != self.now {
            self.seen[node] = self.now;
            self.lengths[node] = left;
            left -= 1;
            node = self.neighbour(node, usize::from(self.parents[node]));
        }
        Some(length)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NODES: [usize; 2] = [3, 4];

    /// What a cut costs: node by node, and where neighbours part.
    fn price(inside: &[bool], costs: &[i32], border: &impl Fn(usize, usize) -> i32) -> i32 {
        let own: i32 = inside
            .iter()
            .zip(costs)
            .map(|(inside, cost)| {
                if *inside {
                    (-cost).max(0)
                } else {
                    (*cost).max(0)
                }
            })
            .sum();
        let cut = MinCut::new(NODES, costs, border);
        let parted: i32 = (0..inside.len())
            .flat_map(|node| (0..8).map(move |way| (node, way)))
            .filter(|(node, way)| cut.exists(*node, *way))
            .filter(|(node, way)| inside[*node] && !inside[cut.neighbour(*node, *way)])
            .map(|(node, way)| border(node, way))
            .sum();
        own + parted
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]

        #[test]
        fn no_cut_is_cheaper(
            costs in prop::collection::vec(-30..30_i32, 12),
            weights in prop::collection::vec(0..20_i32, 12 * 12),
        ) {
            let border = |node: usize, way: usize| {
                let [down, across] = DIRECTIONS[way];
                let next = (node as isize + down * 4 + across) as usize;
                weights[node.min(next) * 12 + node.max(next)]
            };
            let found = MinCut::new(NODES, &costs, border).solve();
            let cheapest = (0..1_u32 << 12)
                .map(|bits| (0..12).map(|node| bits >> node & 1 == 1).collect::<Vec<_>>())
                .map(|inside| price(&inside, &costs, &border))
                .min();
            prop_assert_eq!(Some(price(&found, &costs, &border)), cheapest);
        }
    }
}

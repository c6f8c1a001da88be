//! Shortest ways over a grid of nodes.

/// How often ways are looked for in all directions: shorter ways that wind more than that are rare.
const SWEEPS: usize = 4;

/// How long it is from each node to its neighbours.
#[derive(Debug)]
pub(super) struct Ways {
    columns: usize,
    /// To the node on the right.
    right: Vec<f32>,
    /// To the node below.
    down: Vec<f32>,
}

impl Ways {
    /// On a grid of rows and columns, with this length between two neighbours.
    pub(super) fn new([rows, columns]: [usize; 2], length: impl Fn(usize, usize) -> f32) -> Self {
        let count = rows * columns;
        let across = |node: usize| !(node + 1).is_multiple_of(columns);
        Self {
            columns,
            right: (0..count)
                .map(|node| {
                    if across(node) {
                        length(node, node + 1)
                    } else {
                        f32::INFINITY
                    }
                })
                .collect(),
            down: (0..count)
                .map(|node| {
                    if node + columns < count {
                        length(node, node + columns)
                    } else {
                        f32::INFINITY
                    }
                })
                .collect(),
        }
    }

    /// The length of the shortest way to each node from one of those where `start` holds; infinite
    /// where there are none. Found by sweeps down and up, each row from left to right and back.
    pub(super) fn lengths(&self, start: impl Fn(usize) -> bool) -> Vec<f32> {
        let count = self.right.len();
        let mut lengths: Vec<f32> = (0..count)
            .map(|node| if start(node) { 0.0 } else { f32::INFINITY })
            .collect();
        let rows = count.checked_div(self.columns).unwrap_or(0);
        for _ in 0..SWEEPS {
            let mut shorter = false;
            for row in 0..rows {
                if row > 0 {
                    shorter |= self.step(&mut lengths, row - 1, row);
                }
                shorter |= self.along(&mut lengths, row);
            }
            for row in (0..rows).rev() {
                if row + 1 < rows {
                    shorter |= self.step(&mut lengths, row + 1, row);
                }
                shorter |= self.along(&mut lengths, row);
            }
            if !shorter {
                break;
            }
        }
        lengths
    }

    /// From a row to one beside it; whether that made any way shorter.
    fn step(&self, lengths: &mut [f32], from: usize, to: usize) -> bool {
        let columns = self.columns;
        let edges = &self.down[from.min(to) * columns..][..columns];
        let (above, below) = lengths.split_at_mut(from.max(to) * columns);
        let upper = &mut above[from.min(to) * columns..];
        let (from, to) = if from < to {
            (upper, &mut below[..columns])
        } else {
            (&mut below[..columns], upper)
        };
        let mut shorter = false;
        for ((from, to), edge) in from.iter().zip(to).zip(edges) {
            let length = from + edge;
            shorter |= length < *to;
            *to = to.min(length);
        }
        shorter
    }

    /// Along a row and back; whether that made any way shorter.
    fn along(&self, lengths: &mut [f32], row: usize) -> bool {
        let columns = self.columns;
        let lengths = &mut lengths[row * columns..][..columns];
        let edges = &self.right[row * columns..][..columns];
        let mut shorter = false;
        for at in 1..columns {
            let length = lengths[at - 1] + edges[at - 1];
            shorter |= length < lengths[at];
            lengths[at] = lengths[at].min(length);
        }
        for at in (1..columns).rev() {
            let length = lengths[at] + edges[at - 1];
            shorter |= length < lengths[at - 1];
            lengths[at - 1] = lengths[at - 1].min(length);
        }
        shorter
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_go_around_what_is_costly() {
        // A wall between the columns 1 and 2, open in the last row.
        let ways = Ways::new([4, 4], |a, b| {
            let wall = a % 4 == 1 && b == a + 1 && a / 4 < 3;
            if wall { 100.0 } else { 1.0 }
        });
        let lengths = ways.lengths(|node| node == 0);
        assert_eq!(lengths[1], 1.0);
        assert_eq!(lengths[2], 8.0);
        assert_eq!(lengths[15], 6.0);
    }

    #[test]
    fn without_a_start_everything_is_infinitely_far() {
        let ways = Ways::new([2, 3], |_, _| 1.0);
        assert!(
            ways.lengths(|_| false)
                .iter()
                .all(|length| length.is_infinite())
        );
        assert!(Ways::new([0, 0], |_, _| 1.0).lengths(|_| true).is_empty());
    }
}

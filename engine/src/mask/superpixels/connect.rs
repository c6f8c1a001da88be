//! From clusters, which may lie in pieces, to regions that hang together.

use super::{Run, Superpixels};
use crate::mask::Rect;

/// Cuts clusters into pieces that hang together, and joins pieces of fewer than `smallest` pixels
/// with the neighbour that they share the longest border with.
pub(super) fn connected(clusters: &[u32], size: [u32; 2], smallest: u64) -> Superpixels {
    let mut pieces = Pieces::new(clusters, size);
    pieces.connect();
    while pieces.join(smallest) {}
    pieces.finish()
}

/// Runs of pixels on their way to regions.
struct Pieces {
    size: [u32; 2],
    /// Runs with their cluster.
    runs: Vec<Run>,
    rows: Vec<u32>,
    forest: Forest,
}

impl Pieces {
    fn new(clusters: &[u32], size: [u32; 2]) -> Self {
        let mut runs = Vec::new();
        let mut rows = vec![0];
        for row in clusters.chunks_exact(size[0].max(1) as usize) {
            let mut start = 0;
            for run in row.chunk_by(|a, b| a == b) {
                let region = run[0];
                runs.push(Run { start, region });
                start += run.len() as u32;
            }
            rows.push(runs.len() as u32);
        }
        let lengths = rows.windows(2).flat_map(|row| {
            let row = &runs[row[0] as usize..row[1] as usize];
            let ends = row.iter().skip(1).map(|run| run.start);
            let ends = ends.chain(std::iter::once(size[0]));
            row.iter()
                .zip(ends)
                .map(|(run, end)| u64::from(end - run.start))
        });
        let forest = Forest::new(lengths.collect());
        Self {
            size,
            runs,
            rows,
            forest,
        }
    }

    /// Calls `touch` for each two runs that share sides, with how many.
    fn neighbours(&self, mut touch: impl FnMut(u32, u32, u32)) {
        let end = |run: u32, last: u32| {
            if run + 1 < last {
                self.runs[run as usize + 1].start
            } else {
                self.size[0]
            }
        };
        for rows in self.rows.windows(2) {
            for run in rows[0] + 1..rows[1] {
                touch(run - 1, run, 1);
            }
        }
        for rows in self.rows.windows(3) {
            let (mut above, mut below) = (rows[0], rows[1]);
            while above < rows[1] && below < rows[2] {
                let ends = [end(above, rows[1]), end(below, rows[2])];
                let starts = [above, below].map(|run| self.runs[run as usize].start);
                touch(
                    above,
                    below,
                    ends[0].min(ends[1]) - starts[0].max(starts[1]),
                );
                above += u32::from(ends[0] <= ends[1]);
                below += u32::from(ends[1] <= ends[0]);
            }
        }
    }

    /// Joins the runs of a cluster that touch.
    fn connect(&mut self) {
        let mut pairs = Vec::new();
        self.neighbours(|a, b, _| {
            if self.runs[a as usize].region == self.runs[b as usize].region {
                pairs.push((a, b));
            }
        });
        for (a, b) in pairs {
            self.forest.join(a, b);
        }
    }

    /// Joins each small piece with a neighbour; whether there was one to join.
    fn join(&mut self, smallest: u64) -> bool {
        let roots: Vec<u32> = (0..self.runs.len() as u32)
            .map(|run| self.forest.root(run))
            .collect();
        let small = |root: u32| self.forest.area(root) < smallest;
        let mut borders = Vec::new();
        self.neighbours(|a, b, sides| {
            let [a, b] = [roots[a as usize], roots[b as usize]];
            if a != b {
                borders.extend(small(a).then_some((a, b, sides)));
                borders.extend(small(b).then_some((b, a, sides)));
            }
        });
        borders.sort_unstable_by_key(|border| (border.0, border.1));
        let mut longest: Vec<(u32, u32, u32)> = Vec::new();
        for border in borders.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let sides = border.iter().map(|border| border.2).sum();
            let (piece, neighbour, _) = border[0];
            match longest.last_mut() {
                Some(best) if best.0 == piece => {
                    if sides > best.2 {
                        *best = (piece, neighbour, sides);
                    }
                }
                _ => longest.push((piece, neighbour, sides)),
            }
        }
        for (piece, neighbour, _) in &longest {
            // Another one may have made it large enough meanwhile.
            let root = self.forest.root(*piece);
            if self.forest.area(root) < smallest {
                self.forest.join(*piece, *neighbour);
            }
        }
        !longest.is_empty()
    }

    /// Numbers the regions in the order of their first pixels.
    fn finish(mut self) -> Superpixels {
        let mut names = vec![u32::MAX; self.runs.len()];
        let mut rects: Vec<Rect> = Vec::new();
        let mut runs: Vec<Run> = Vec::with_capacity(self.runs.len());
        let mut rows = vec![0];
        for (y, row) in (0..).zip(self.rows.windows(2)) {
            let first = runs.len();
            for run in row[0]..row[1] {
                let start = self.runs[run as usize].start;
                let end = (run + 1 < row[1]).then(|| self.runs[run as usize + 1].start);
                let root = self.forest.root(run) as usize;
                if names[root] == u32::MAX {
                    names[root] = rects.len() as u32;
                    rects.push(Rect::EMPTY);
                }
                let region = names[root];
                let piece = Rect::from_ranges(start..end.unwrap_or(self.size[0]), y..y + 1);
                let rect = &mut rects[region as usize];
                *rect = rect.union(piece);
                if runs[first..]
                    .last()
                    .is_none_or(|last| last.region != region)
                {
                    runs.push(Run { start, region });
                }
            }
            rows.push(runs.len() as u32);
        }
        Superpixels {
            size: self.size,
            runs,
            shrink: 1,
            rows,
            rects,
        }
    }
}

/// Sets of runs with the pixels that they count.
struct Forest {
    parents: Vec<u32>,
    areas: Vec<u64>,
}

impl Forest {
    fn new(areas: Vec<u64>) -> Self {
        Self {
            parents: (0..areas.len() as u32).collect(),
            areas,
        }
    }

    fn root(&mut self, mut run: u32) -> u32 {
        while self.parents[run as usize] != run {
            let above = self.parents[self.parents[run as usize] as usize];
            self.parents[run as usize] = above;
            run = above;
        }
        run
    }

    /// The pixels of the set that a root stands for.
    fn area(&self, root: u32) -> u64 {
        self.areas[root as usize]
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        if a == b {
            return;
        }
        let (small, large) = if self.area(a) < self.area(b) {
            (a, b)
        } else {
            (b, a)
        };
        self.parents[small as usize] = large;
        self.areas[large as usize] += self.areas[small as usize];
    }
}

//! Which tiles a shape covers whole.

use super::label_map::TILE;
use super::span::Span;

/// The tiles, by column and row of tiles, all of whose pixels are in the spans, for a map of this
/// size. Spans that overlap or are not sorted are not looked into: then there is none.
pub(super) fn whole_tiles(spans: &[Span], [width, height]: [u32; 2]) -> Vec<[u32; 2]> {
    let follows = |pair: &[Span]| {
        let [a, b] = [pair[0], pair[1]];
        a.y < b.y || (a.y == b.y && a.end <= b.start)
    };
    if spans.len() < TILE.min(height) as usize || !spans.windows(2).all(follows) {
        return Vec::new();
    }
    let columns = width.div_ceil(TILE);
    let mut found = Vec::new();
    for group in spans.chunk_by(|a, b| a.y / TILE == b.y / TILE) {
        let row = group[0].y / TILE;
        let rows = TILE.min(height.saturating_sub(row * TILE));
        if rows == 0 || group.len() < rows as usize {
            continue;
        }
        // The spans of a row don't overlap, so that each adds to different tiles.
        let mut counts = vec![0; columns as usize];
        for span in group {
            let first = span.start.div_ceil(TILE).min(columns);
            let end = if span.end >= width {
                columns
            } else {
                span.end / TILE
            };
            for count in &mut counts[first as usize..end.max(first) as usize] {
                *count += 1;
            }
        }
        let whole = (0..columns).zip(counts).filter(|(_, count)| *count == rows);
        found.extend(whole.map(|(column, _)| [column, row]));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(y: std::ops::Range<u32>, start: u32, end: u32) -> Vec<Span> {
        y.map(|y| Span { y, start, end }).collect()
    }

    #[test]
    fn only_tiles_without_a_gap_count() {
        let size = [600, 520];
        assert_eq!(
            whole_tiles(&rows(0..256, 0, 600), size),
            [[0, 0], [1, 0], [2, 0]]
        );
        assert_eq!(whole_tiles(&rows(0..256, 1, 599), size), [[1, 0]]);
        assert!(whole_tiles(&rows(1..256, 0, 600), size).is_empty());
        // The last tiles are cut off by the map's edge.
        assert_eq!(
            whole_tiles(&rows(200..520, 500, 900), size),
            [[2, 1], [2, 2]]
        );
        let mut holed = rows(0..512, 0, 600);
        holed[300].end = 300;
        assert_eq!(whole_tiles(&holed, size).len(), 4);
    }

    #[test]
    fn spans_in_disorder_are_left_alone() {
        let mut spans = rows(0..256, 0, 256);
        spans.swap(3, 4);
        assert!(whole_tiles(&spans, [256, 256]).is_empty());
        let twice = [rows(0..255, 0, 256), rows(0..1, 0, 256)].concat();
        assert!(whole_tiles(&twice, [256, 256]).is_empty());
    }
}

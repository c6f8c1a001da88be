//! How long the hand waits, at 12 and 100 megapixels: `cargo bench --workspace --bench hand`.
//!
//! Medians and 99th percentiles, as rows for a table, against what they may be: by the clock, and
//! of the thread's own time on a processor, which other programs do not stretch (Linux tells it). A
//! word behind `--` runs the rows that hold it.

use std::time::{Duration, Instant};

use atrous_engine::jobs::Cancel;
use atrous_engine::mask::{
    Brush, BrushShape, Connectivity, Edit, Gesture, History, LabelMap, Operation, Point,
    Protection, Scope, fill, polygon,
};

/// An image size, with its name in the table.
#[derive(Clone, Copy)]
struct Size {
    name: &'static str,
    width: u32,
    height: u32,
}

const SIZES: [Size; 2] = [
    Size {
        name: "12 MP",
        width: 4032,
        height: 3024,
    },
    Size {
        name: "100 MP",
        width: 12_288,
        height: 8192,
    },
];

/// The diameters of the brushes, in pixels.
const BRUSHES: [u32; 2] = [50, 1000];

fn main() {
    let wanted = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let table = Table {
        wanted: wanted.unwrap_or_default(),
    };
    println!("| what | image | median, ms | 99 %, ms | of CPU | 99 % | may be |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for size in SIZES {
        for diameter in BRUSHES {
            stroke(&table, size, diameter);
            undo_and_redo(&table, size, diameter);
        }
        polygon_of_200_vertices(&table, size);
        operations(&table, size);
    }
    flood_fill(&table);
}

struct Table {
    wanted: String,
}

impl Table {
    fn wants(&self, what: &str) -> bool {
        what.contains(&self.wanted)
    }

    /// Prints a row; the mark is none where nobody waits for it.
    fn row(&self, what: &str, image: &str, times: &[[Duration; 2]], mark: Option<u32>) {
        if !self.wants(what) || times.is_empty() {
            return;
        }
        let figures = |kind: usize| {
            let mut times: Vec<Duration> = times.iter().map(|time| time[kind]).collect();
            times.sort_unstable();
            let at = |part: f64| {
                let place = ((times.len() - 1) as f64 * part).round() as usize;
                times[place].as_secs_f64() * 1e3
            };
            format!("{:.2} | {:.2}", at(0.5), at(0.99))
        };
        let mark = mark.map(|mark| mark.to_string()).unwrap_or_default();
        println!(
            "| {what} | {image} | {} | {} | {mark} |",
            figures(0),
            figures(1)
        );
    }
}

/// Notes how long the work took: by the clock, and on a processor.
fn timed<T>(times: &mut Vec<[Duration; 2]>, work: impl FnOnce() -> T) -> T {
    let (start, before) = (Instant::now(), on_processor());
    let result = std::hint::black_box(work());
    let spent = on_processor().saturating_sub(before);
    times.push([start.elapsed(), spent]);
    result
}

/// How long this thread has run so far; nothing where the system does not tell.
fn on_processor() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = told
        .split(' ')
        .next()
        .and_then(|number| number.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or_default())
}

/// A map with some structure, so that edits don't compress to nothing.
fn label_map(size: Size) -> LabelMap {
    let pixels: Vec<u8> = (0..size.height)
        .flat_map(|y| (0..size.width).map(move |x| ((x / 97 + y / 61) % 19) as u8))
        .collect();
    LabelMap::from_vec(size.width, size.height, &pixels).expect("the size fits")
}

/// A wavy line across the image in 200 segments.
fn wave(size: Size) -> Vec<Point> {
    (0..=200_u16)
        .map(|step| {
            let part = f32::from(step) / 200.0;
            [
                (0.1 + 0.8 * part) * size.width as f32,
                (0.5 + 0.3 * (part * 12.0).sin()) * size.height as f32,
            ]
        })
        .collect()
}

fn brush(diameter: u32) -> Brush {
    Brush {
        shape: BrushShape::Round,
        radius: diameter as f32 / 2.0,
    }
}

/// Each move of a stroke as the window makes it, up to the pixels handed to the canvas, and the
/// commit when the button goes up.
fn stroke(table: &Table, size: Size, diameter: u32) {
    let names = [
        format!("stroke, {diameter} px: one of 200 moves"),
        format!("stroke, {diameter} px: letting go"),
        format!("stroke, {diameter} px: coded for the journal"),
    ];
    if !names.iter().any(|name| table.wants(name)) {
        return;
    }
    let map = label_map(size);
    let brush = brush(diameter);
    let (mut moves, mut commits, mut codings) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..20 {
        let mut map = map.clone();
        let mut gesture = Gesture::start(&map, Protection::NONE);
        for pair in wave(size).windows(2) {
            timed(&mut moves, || {
                let spans = brush.segment(pair[0], pair[1], map.bounds());
                let dirty = gesture.paint(&mut map, &spans, 200);
                map.read_rect(dirty)
            });
        }
        let edit = timed(&mut commits, || gesture.commit(&map));
        timed(&mut codings, || edit.map(|edit| edit.to_bytes()));
    }
    let [one, end, coded] = names;
    table.row(&one, size.name, &moves, Some(8));
    table.row(&end, size.name, &commits, Some(8));
    table.row(&coded, size.name, &codings, None);
}

/// Undo and redo of a fresh stroke, and of one of which only the runs are kept; another map holds
/// the tiles as well, as the recorder's does.
fn undo_and_redo(table: &Table, size: Size, diameter: u32) {
    for packed in [false, true] {
        let [undo, redo] = ["undo", "redo"].map(|what| {
            let kind = if packed { ", packed" } else { "" };
            format!("{what} of a stroke, {diameter} px{kind}")
        });
        if !table.wants(&undo) && !table.wants(&redo) {
            continue;
        }
        let mut map = label_map(size);
        let mut history = History::new(256 << 20);
        let edit = painted(&mut map, size, diameter).expect("the stroke changes something");
        if packed {
            edit.pack();
        }
        history.push(edit);
        let (mut undos, mut redos) = (Vec::new(), Vec::new());
        for _ in 0..100 {
            let _recorder = map.clone();
            timed(&mut undos, || history.undo(&mut map));
            let _recorder = map.clone();
            timed(&mut redos, || history.redo(&mut map));
        }
        table.row(&undo, size.name, &undos, Some(8));
        table.row(&redo, size.name, &redos, Some(8));
    }
}

/// The wave, painted as the brush tool does.
fn painted(map: &mut LabelMap, size: Size, diameter: u32) -> Option<Edit> {
    let mut gesture = Gesture::start(map, Protection::NONE);
    for pair in wave(size).windows(2) {
        let spans = brush(diameter).segment(pair[0], pair[1], map.bounds());
        gesture.paint(map, &spans, 200);
    }
    gesture.commit(map)
}

/// A star over most of the image, filled and committed, also where a class is locked.
fn polygon_of_200_vertices(table: &Table, size: Size) {
    let mut locked = Protection::NONE;
    locked.locked[7] = true;
    let name = "polygon of 200 vertices, filled";
    star(table, size, name, &Protection::NONE);
    star(table, size, &format!("{name}, a class locked"), &locked);
}

fn star(table: &Table, size: Size, name: &str, protection: &Protection) {
    if !table.wants(name) {
        return;
    }
    let map = label_map(size);
    let ring: Vec<Point> = (0..200_u16)
        .map(|vertex| {
            let angle = f32::from(vertex) * std::f32::consts::TAU / 200.0;
            let reach = if vertex % 2 == 0 { 0.45 } else { 0.3 };
            [
                (0.5 + reach * angle.cos()) * size.width as f32,
                (0.5 + reach * angle.sin()) * size.height as f32,
            ]
        })
        .collect();
    let mut times = Vec::new();
    for _ in 0..50 {
        let mut map = map.clone();
        timed(&mut times, || {
            let mut gesture = Gesture::start(&map, protection.clone());
            let spans = polygon::fill(std::slice::from_ref(&ring), map.bounds());
            gesture.paint(&mut map, &spans, 200);
            gesture.commit(&map)
        });
    }
    table.row(name, size.name, &times, Some(50));
}

/// Mask operations, which nobody waits for: they run behind the window.
fn operations(table: &Table, size: Size) {
    let scope = Scope {
        class: Some(3),
        ..Scope::default()
    };
    let all = Scope::default();
    let cases = [
        (
            "grow a class by 5 px",
            Operation::Grow { radius: 5 },
            &scope,
        ),
        ("shrink all by 5 px", Operation::Shrink { radius: 5 }, &all),
        ("smooth all, 3 px", Operation::Smooth { radius: 3 }, &all),
        (
            "remove all specks below 6,000",
            Operation::RemoveSpecks { below: 6000 },
            &all,
        ),
        ("swap two classes", Operation::Swap { with: 7 }, &scope),
    ];
    for (name, operation, scope) in cases {
        let name = format!("operation: {name}");
        if !table.wants(&name) {
            continue;
        }
        let map = label_map(size);
        let mut times = Vec::new();
        for _ in 0..5 {
            timed(&mut times, || {
                // On the pool, as the window has it computed.
                rayon::scope(|_| operation.edit(&map, scope, &Protection::NONE, &Cancel::default()))
            })
            .expect("nobody cancels it");
        }
        table.row(&name, size.name, &times, None);
    }
}

/// The value at a pixel.
type Value<'a> = &'a dyn Fn(u32, u32) -> u8;

/// Twenty megapixels of one component: plain, as a snake of lanes, and as noise that percolates.
fn flood_fill(table: &Table) {
    const WIDTH: u32 = 5120;
    const HEIGHT: u32 = 3920;
    let snake = |x: u32, y: u32| {
        let wall = y % 20 == 19;
        let gap = if y % 40 == 19 { x > WIDTH - 20 } else { x < 20 };
        u8::from(wall && !gap)
    };
    // A multiplicative hash: three of four pixels, nearly all of which hang together.
    let noise = |x: u32, y: u32| {
        let hash = (u64::from(y) << 32 | u64::from(x)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        u8::from((hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 56 > 191)
    };
    let cases: [(&str, Value<'_>); 3] =
        [("plain", &|_, _| 0), ("a snake", &snake), ("noise", &noise)];
    for (name, value) in cases {
        let name = format!("flood fill, {name}");
        if !table.wants(&name) {
            continue;
        }
        let pixels: Vec<u8> = (0..HEIGHT)
            .flat_map(|y| (0..WIDTH).map(move |x| value(x, y)))
            .collect();
        let map = LabelMap::from_vec(WIDTH, HEIGHT, &pixels).expect("the size fits");
        let mut times = Vec::new();
        let at = middle(&map);
        for _ in 0..20 {
            let mut map = map.clone();
            timed(&mut times, || {
                let spans = fill::component(&map, at[0], at[1], Connectivity::Sides);
                let mut gesture = Gesture::start(&map, Protection::NONE);
                gesture.paint(&mut map, &spans, 200);
                gesture.commit(&map)
            });
        }
        // The mark is for areas as labels have them.
        let mark = (!name.contains("noise")).then_some(100);
        table.row(&name, "20 MP", &times, mark);
    }
}

/// A pixel of class 0 near the middle.
fn middle(map: &LabelMap) -> [u32; 2] {
    let y = map.height() / 2;
    let columns = map.width() / 2..map.width();
    let x = columns
        .into_iter()
        .find(|x| map.get(*x, y) == Some(0) && map.get(*x, y + 1) == Some(0));
    [x.unwrap_or_default(), y]
}

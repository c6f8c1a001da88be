//! What a rectangle gives, on an image where everybody sees what stands out.

use super::*;

const SIZE: [u32; 2] = [120, 90];

/// A dark ellipse with a light spot in it, on a bright, uneven ground.
fn ellipse(x: u32, y: u32) -> bool {
    let [dx, dy] = [x as f32 - 60.0, y as f32 - 45.0];
    (dx / 30.0).powi(2) + (dy / 20.0).powi(2) <= 1.0
}

fn image(scale: u32) -> Vec<u8> {
    let size = SIZE.map(|side| side * scale);
    let places = (0..size[1]).flat_map(|y| (0..size[0]).map(move |x| (x / scale, y / scale)));
    let color = |(x, y): (u32, u32)| {
        let noise = ((x * 31 + y * 17) % 23) as u8;
        if ellipse(x, y) {
            [40 + noise, 30, 50]
        } else {
            [170 + noise, 190, 140 + noise]
        }
    };
    places.flat_map(color).collect()
}

fn wrong(spans: &[Span], scale: u32) -> u32 {
    let size = SIZE.map(|side| side * scale);
    let mut map = vec![false; (size[0] * size[1]) as usize];
    for span in spans {
        let row = (span.y * size[0]) as usize;
        map[row + span.start as usize..row + span.end as usize].fill(true);
    }
    let places = (0..size[1]).flat_map(|y| (0..size[0]).map(move |x| (x, y)));
    let off =
        places.filter(|(x, y)| map[(y * size[0] + x) as usize] != ellipse(x / scale, y / scale));
    off.count() as u32
}

fn grab(rect: Rect, marks: Vec<Mark>) -> GrabCut {
    GrabCut { rect, marks }
}

#[test]
fn the_ellipse_in_the_rectangle_is_found() {
    let rgb = image(1);
    let pixels = Pixels::new(SIZE, &rgb).unwrap();
    let found = grab(Rect::new(22, 18, 76, 55), Vec::new());
    let spans = found.region(pixels, &Cancel::default()).unwrap();
    let off = wrong(&spans, 1);
    assert!(off < 15, "{off} pixels off");
}

#[test]
fn a_large_rectangle_is_thought_over_coarsely_and_refined() {
    let rgb = image(8);
    let pixels = Pixels::new(SIZE.map(|side| side * 8), &rgb).unwrap();
    let rect = Rect::new(22 * 8, 18 * 8, 76 * 8, 55 * 8);
    assert!(rect.area() > 2 * NODES as u64);
    let spans = grab(rect, Vec::new())
        .region(pixels, &Cancel::default())
        .unwrap();
    let off = wrong(&spans, 8);
    assert!(off < 15 * 8 * 8 / 4, "{off} pixels off");
}

#[test]
fn marks_are_the_last_word() {
    let rgb = image(1);
    let pixels = Pixels::new(SIZE, &rgb).unwrap();
    let mark = |inside: bool| Mark {
        at: [30.5, 24.5],
        radius: 2.0,
        inside,
    };
    let rect = Rect::new(22, 18, 76, 55);
    let covers = |marks: Vec<Mark>| {
        let spans = grab(rect, marks)
            .region(pixels, &Cancel::default())
            .unwrap();
        spans.iter().any(|span| span.rect().contains(30, 24))
    };
    assert!(!covers(vec![]));
    assert!(covers(vec![mark(true)]));
    assert!(!covers(vec![mark(true), mark(false)]));
}

#[test]
fn nothing_and_everything_are_fine() {
    let rgb = image(1);
    let pixels = Pixels::new(SIZE, &rgb).unwrap();
    let region = |rect: Rect| {
        grab(rect, Vec::new())
            .region(pixels, &Cancel::default())
            .unwrap()
    };
    assert!(region(Rect::new(500, 3, 9, 9)).is_empty());
    assert!(region(Rect::EMPTY).is_empty());
    let all: u64 = region(pixels.bounds())
        .iter()
        .map(|span| span.rect().area())
        .sum();
    assert_eq!(
        all,
        pixels.bounds().area(),
        "nothing is known to be outside"
    );
    let stopped = Cancel::default();
    stopped.cancel();
    assert!(
        grab(Rect::new(2, 2, 50, 50), Vec::new())
            .region(pixels, &stopped)
            .is_err()
    );
}

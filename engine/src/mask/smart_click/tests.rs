//! What a click gives, on images where everybody sees what is meant.

use super::*;

const SIZE: [u32; 2] = [90, 70];

fn image(color: impl Fn(u32, u32) -> [u8; 3]) -> Vec<u8> {
    let places = (0..SIZE[1]).flat_map(|y| (0..SIZE[0]).map(move |x| (x, y)));
    places.flat_map(|(x, y)| color(x, y)).collect()
}

fn disc(x: u32, y: u32, at: [u32; 2], radius: u32) -> bool {
    x.abs_diff(at[0]).pow(2) + y.abs_diff(at[1]).pow(2) <= radius * radius
}

/// A red disc and a smaller one of the same red on a noisy green ground.
fn discs(x: u32, y: u32) -> [u8; 3] {
    let noise = ((x * 31 + y * 17) % 9) as u8;
    if disc(x, y, [30, 30], 18) || disc(x, y, [75, 30], 9) {
        [180 + noise, 40, 40]
    } else {
        [60, 140 + noise, 60]
    }
}

fn mark(x: f32, y: f32, inside: bool) -> Mark {
    Mark {
        at: [x, y],
        radius: 2.0,
        inside,
    }
}

fn region(rgb: &[u8], marks: &[Mark]) -> Vec<Vec<bool>> {
    on_labels(rgb, &LabelMap::filled(SIZE[0], SIZE[1], 0), marks)
}

fn on_labels(rgb: &[u8], labels: &LabelMap, marks: &[Mark]) -> Vec<Vec<bool>> {
    let pixels = Pixels::new(SIZE, rgb).unwrap();
    let click = SmartClick {
        marks: marks.to_vec(),
        part: pixels.bounds(),
        class: 3,
    };
    let none = Cancel::default();
    let spans = click.region(pixels, labels, None, &none).unwrap();
    let mut map = vec![vec![false; SIZE[0] as usize]; SIZE[1] as usize];
    for span in spans {
        map[span.y as usize][span.start as usize..span.end as usize].fill(true);
    }
    map
}

/// Pixels that differ from what is meant.
fn wrong(found: &[Vec<bool>], meant: impl Fn(u32, u32) -> bool) -> usize {
    let places = (0..SIZE[1]).flat_map(|y| (0..SIZE[0]).map(move |x| (x, y)));
    places
        .filter(|(x, y)| found[*y as usize][*x as usize] != meant(*x, *y))
        .count()
}

#[test]
fn a_click_gives_the_disc_under_it_and_not_its_twin() {
    let rgb = image(discs);
    let found = region(&rgb, &[mark(25.0, 33.0, true)]);
    let off = wrong(&found, |x, y| disc(x, y, [30, 30], 18));
    assert!(off < 10, "{off} pixels off");
}

#[test]
fn clicks_outside_take_away_and_clicks_inside_add() {
    // Two halves of nearly the same colour, with nothing but a click between them.
    let rgb = image(|x, _| {
        if x < 45 {
            [120, 120, 120]
        } else {
            [124, 124, 124]
        }
    });
    let both = region(&rgb, &[mark(10.0, 35.0, true)]);
    assert_eq!(wrong(&both, |_, _| true), 0);
    let left = region(&rgb, &[mark(10.0, 35.0, true), mark(80.0, 35.0, false)]);
    assert!(left[35][10] && !left[35][80]);
    let rgb = image(discs);
    let twins = [mark(30.0, 30.0, true), mark(75.0, 30.0, true)];
    let off = wrong(&region(&rgb, &twins), |x, y| {
        disc(x, y, [30, 30], 18) || disc(x, y, [75, 30], 9)
    });
    assert!(off < 15, "{off} pixels off");
}

#[test]
fn nothing_is_meant_without_a_click_inside() {
    let rgb = image(discs);
    for marks in [
        vec![],
        vec![mark(30.0, 30.0, false)],
        vec![mark(-9.0, 30.0, true)],
    ] {
        assert_eq!(wrong(&region(&rgb, &marks), |_, _| false), 0);
    }
}

#[test]
fn it_can_be_stopped() {
    let rgb = image(discs);
    let click = SmartClick {
        marks: vec![mark(30.0, 30.0, true)],
        part: Rect::new(0, 0, 90, 70),
        class: 3,
    };
    let stopped = Cancel::default();
    stopped.cancel();
    let pixels = Pixels::new(SIZE, &rgb).unwrap();
    assert!(
        click
            .region(pixels, &LabelMap::filled(90, 70, 0), None, &stopped)
            .unwrap_err()
            .is_cancelled()
    );
}

#[test]
fn a_stroke_along_a_wrong_border_goes_on_to_the_edge() {
    // The ground is class 3; a band of it, 12 pixels wide, was given to the wall above.
    let rgb = image(|x, y| {
        let noise = ((x * 31 + y * 17) % 9) as u8;
        if y < 30 {
            [180 + noise, 170, 160]
        } else {
            [60, 80 + noise, 60]
        }
    });
    let labels: Vec<u8> = (0..SIZE[1])
        .flat_map(|y| vec![if y < 42 { 0 } else { 3 }; SIZE[0] as usize])
        .collect();
    let labels = LabelMap::from_vec(SIZE[0], SIZE[1], &labels).unwrap();
    let stroke: Vec<Mark> = (0..17)
        .map(|step| Mark {
            radius: 4.0,
            ..mark(5.0 + 5.0 * step as f32, 36.0, true)
        })
        .collect();
    let found = on_labels(&rgb, &labels, &stroke);
    let wall = (0..30).flat_map(|y| &found[y]).filter(|inside| **inside);
    assert_eq!(wall.count(), 0);
    let band = (30..42).flat_map(|y| &found[y]).filter(|inside| **inside);
    let share = band.count() as f32 / (12.0 * SIZE[0] as f32);
    assert!(share > 0.85, "{share}");
}

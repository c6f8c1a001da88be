use super::*;
use crate::network::SplitMix;
use crate::network::resize::Sampling;
use crate::predict::Logits;
use crate::predict::resize::bilinear_align_corners;

fn logits(seed: u64, classes: usize, size: [usize; 2]) -> Logits {
    let mut random = SplitMix::named(seed, "logits");
    let values = (0..classes * size[0] * size[1])
        .map(|_| (random.unit() * 12.0 - 6.0) as f32)
        .collect();
    Logits {
        classes,
        size,
        values,
    }
}

/// The plain way: upsample everything, softmax everything, average, look for the largest.
fn plainly(looks: &[Logits], size: [usize; 2], content: [usize; 2]) -> (Vec<u8>, Vec<f64>) {
    let classes = looks[0].classes;
    let mut mean = vec![0.0_f64; classes * size[0] * size[1]];
    for look in looks {
        let plane = look.size[0] * look.size[1];
        let upsampled: Vec<Vec<f32>> = look
            .values
            .chunks_exact(plane)
            .map(|plane| bilinear_align_corners(plane, 1, look.size, size))
            .collect();
        for pixel in 0..size[0] * size[1] {
            let exps: Vec<f64> = upsampled
                .iter()
                .map(|p| f64::from(p[pixel]).exp())
                .collect();
            let sum: f64 = exps.iter().sum();
            for (class, exp) in exps.iter().enumerate() {
                mean[class * size[0] * size[1] + pixel] += exp / sum / looks.len() as f64;
            }
        }
    }
    let (mut labels, mut confidence) = (Vec::new(), Vec::new());
    for y in 0..content[0] {
        for x in 0..content[1] {
            let at = |class: usize| mean[(class * size[0] + y) * size[1] + x];
            let best = (1..classes).fold(0, |best, c| if at(c) > at(best) { c } else { best });
            labels.push(best as u8);
            confidence.push(at(best));
        }
    }
    (labels, confidence)
}

/// Classifies the upper left `content` of logits at `size`.
fn classified(
    logits: &[Logits],
    size: [usize; 2],
    content: [usize; 2],
    settle: Settle,
) -> Classified {
    let part = content.map(|side| 0..side);
    let look = |logits| Look::new(logits, size, part.clone(), Sampling::AlignedCorners);
    let looks: Vec<_> = logits.iter().map(look).collect();
    classify(&looks, settle)
}

fn check(looks: &[Logits], size: [usize; 2], content: [usize; 2]) {
    let found = classified(looks, size, content, Settle::AfterUpsampling);
    let (labels, confidence) = plainly(looks, size, content);
    assert_eq!(found.labels, labels);
    for (found, wanted) in found.confidence.iter().zip(&confidence) {
        assert!(
            (f64::from(*found) - wanted * 255.0).abs() <= 0.502,
            "{found} {wanted}"
        );
    }
    let mean = confidence.iter().sum::<f64>() / confidence.len() as f64;
    assert!((found.mean_confidence - mean).abs() < 1e-4);
}

#[test]
fn equals_the_plain_way() {
    check(&[logits(1, 21, [5, 5])], [65, 65], [65, 65]);
    check(&[logits(2, 3, [9, 5])], [129, 65], [100, 33]);
    check(&[logits(3, 2, [1, 7])], [20, 31], [20, 31]);
    check(&[logits(4, 1, [3, 3])], [17, 17], [1, 1]);
}

#[test]
fn several_looks_are_averaged_after_softmax() {
    let looks = [
        logits(5, 4, [5, 7]),
        logits(6, 4, [5, 7]),
        logits(7, 4, [9, 13]),
    ];
    check(&looks, [33, 49], [33, 40]);
}

#[test]
fn the_first_of_equals_wins() {
    let equal = Logits {
        classes: 3,
        size: [2, 2],
        values: vec![0.5; 12],
    };
    let found = classified(&[equal], [3, 3], [3, 3], Settle::AfterUpsampling);
    assert_eq!(found.labels, [0; 9]);
    assert_eq!(found.confidence, [85; 9]);
}

#[test]
fn settling_before_upsampling_keeps_the_low_resolution_blocks() {
    let look = Logits {
        classes: 2,
        size: [1, 2],
        values: vec![4.0, 0.0, 0.0, 1.0],
    };
    let found = classified(&[look], [1, 4], [1, 4], Settle::BeforeUpsampling);
    assert_eq!(found.labels, [0, 0, 1, 1]);
    assert_eq!(found.confidence[0], 250);
    assert_eq!(found.confidence[3], 186);
}

#[test]
fn a_part_is_as_in_the_whole() {
    let looks = [logits(8, 3, [5, 6]), logits(9, 3, [5, 6])];
    for sampling in [Sampling::AlignedCorners, Sampling::HalfPixels] {
        let of = |part: [std::ops::Range<usize>; 2]| {
            let look = |logits| Look::new(logits, [40, 48], part.clone(), sampling);
            let looks: Vec<_> = looks.iter().map(look).collect();
            classify(&looks, Settle::AfterUpsampling).labels
        };
        let whole = of([0..40, 0..48]);
        let rows = whole.chunks_exact(48).skip(7).take(20);
        let expected: Vec<u8> = rows.flat_map(|row| row[9..31].to_vec()).collect();
        assert_eq!(of([7..27, 9..31]), expected);
    }
}

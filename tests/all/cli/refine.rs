//! The dense CRF through the command line.

use atrous_engine::Limits;
use atrous_engine::mask::png_file;

use super::{Outcome, atrous, black_image, words};

#[test]
fn predictions_are_refined_along_edges() {
    let home = tempfile::tempdir().unwrap();
    let streets = home.path().join("streets");
    let ran = atrous(words![
        "demo", &streets, "--images", "1", "--size", "200x120", "--seed", "5"
    ]);
    assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
    let names = std::fs::read_dir(&streets).unwrap();
    let mut names = names.map(|entry| entry.unwrap().path());
    let image = names.find(|path| path.is_file()).unwrap();
    let predicted = |more: &[&str]| {
        let (mask, sure) = (home.path().join("mask.png"), home.path().join("sure.png"));
        let mut args = words![
            "predict",
            "--image",
            &image,
            "--mask",
            &mask,
            "--confidence",
            &sure
        ]
        .to_vec();
        args.extend(more.iter().map(Into::into));
        let ran = atrous(args);
        assert_eq!(ran.outcome, Outcome::Done, "{}", ran.err);
        let read = |path| png_file::read(path, &Limits::default()).unwrap().to_vec();
        (read(&mask), read(&sure))
    };
    let (plain, plainly_sure) = predicted(&[]);
    let (refined, sure) = predicted(&["--crf"]);
    let moved = plain.iter().zip(&refined).filter(|(a, b)| a != b).count();
    assert!(moved > 0 && moved < plain.len() / 5, "{moved}");
    // Pixels that agree with each other are surer than each by itself.
    let sum = |confidence: &[u8]| confidence.iter().map(|v| u64::from(*v)).sum::<u64>();
    assert!(sum(&sure) > sum(&plainly_sure));
    let (weak, _) = predicted(&[
        "--crf",
        "--crf-options",
        "bilateral_weight=0,smoothness_weight=0,iterations=1",
    ]);
    let moved = plain.iter().zip(&weak).filter(|(a, b)| a != b).count();
    assert!(moved * 1000 < plain.len(), "{moved}");
}

#[test]
fn options_that_are_none_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let image = black_image(folder.path());
    let told = |options: &str| {
        let args = words![
            "predict",
            "--image",
            &image,
            "--crf",
            "--crf-options",
            options
        ];
        let ran = atrous(args);
        assert_eq!(ran.outcome, Outcome::CouldNot, "{}", ran.err);
        ran.err
    };
    assert!(told("iterations").contains("a name and a number"));
    assert!(told("sharpness=3").contains("bilateral_deviation"));
    assert!(told("color_deviation=0").contains("color_deviation"));
}

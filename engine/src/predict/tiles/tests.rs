//! Tiles against whole images, with the embedded model on scenes it was not trained on.

use std::path::Path;

use image::imageops::{crop_imm, resize};

use super::*;
use crate::demo::{Settings, Size, Time, scene};
use crate::device::ComputeDevice;
use crate::network::Library;
use crate::predict::{CrfOptions, PredictOptions};
use crate::weights::{LoadOptions, load};

/// Side of the tiles.
const SIDE: usize = 257;

fn tiling() -> Tiling {
    Tiling {
        side: SIDE,
        overlap: None,
    }
}

fn predictor(options: PredictOptions) -> Predictor {
    let device = ComputeDevice::cpu();
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../assets/model/demo-mobilenet-v2-05.safetensors");
    let model = load(&file, &LoadOptions::default(), &device.device).unwrap();
    Predictor::new(&model, options, &device).unwrap()
}

fn street(seed: u64, width: u32, height: u32) -> RgbImage {
    let size = Size::new(width, height).unwrap();
    scene(seed, size, Settings::at(Time::Day, seed)).image
}

#[test]
fn one_tile_is_the_whole_image() {
    let image = street(1, 257, 161);
    let looks = [
        PredictOptions::default(),
        PredictOptions {
            scales: vec![1.0, 0.5],
            flip: true,
            batch: Some(3),
            ..PredictOptions::default()
        },
    ];
    for options in looks {
        let predictor = predictor(PredictOptions {
            input_size: Some(SIDE),
            tiling: Some(tiling()),
            ..options
        });
        let whole = predictor.predict(&image).unwrap();
        assert!(predictor.tiles_for([161, 257]).is_none());
        let tiles = Tiles {
            grid: predictor.grid.clone().unwrap(),
            content: [161, 257],
        };
        let mut runs = 0;
        let between = &mut || {
            runs += 1;
            Ok(())
        };
        let tiled = predictor.predict_in_tiles(&image, &tiles, between).unwrap();
        assert_eq!(runs, 1);
        assert_eq!(tiled.labels, whole.labels);
        assert_eq!(tiled.confidence, whole.confidence);
        assert!((tiled.uncertainty - whole.uncertainty).abs() < 1e-6);
    }
}

/// How often the class changes from one column to the next.
fn edges(labels: &[u8], width: usize, column: usize) -> usize {
    labels
        .chunks_exact(width)
        .filter(|row| row[column - 1] != row[column])
        .count()
}

/// Tiles predicted one by one and put side by side, cut in the middle of what they share.
fn cut_hard(predictor: &Predictor, image: &RgbImage, starts: &[usize], cuts: &[usize]) -> Vec<u8> {
    let height = image.height() as usize;
    let mut rows = vec![Vec::new(); height];
    for (index, start) in starts.iter().enumerate() {
        let tile = crop_imm(image, *start as u32, 0, SIDE as u32, height as u32).to_image();
        let labels = predictor.predict(&tile).unwrap().labels;
        let from = index.checked_sub(1).map_or(0, |before| cuts[before]) - start;
        let to = cuts.get(index).map_or(SIDE, |cut| cut - start);
        for (row, labels) in rows.iter_mut().zip(labels.chunks_exact(SIDE)) {
            row.extend_from_slice(&labels[from..to]);
        }
    }
    rows.concat()
}

#[test]
fn tiles_agree_with_the_whole_and_show_no_seam() {
    let (width, height) = (641_usize, 257_usize);
    let whole = predictor(PredictOptions {
        input_size: Some(width),
        ..PredictOptions::default()
    });
    let tiled = predictor(PredictOptions {
        input_size: Some(width),
        tiling: Some(tiling()),
        ..PredictOptions::default()
    });
    let alone = predictor(PredictOptions {
        input_size: Some(SIDE),
        ..PredictOptions::default()
    });
    // Three tiles, sharing 64 pixels.
    let starts = [0, 192, 384];
    let cuts = [224, 416];
    let (mut same, mut at_seams) = (0, [0_usize; 3]);
    let scenes = 8;
    for seed in 0..scenes {
        let image = street(seed, width as u32, height as u32);
        let expected = whole.predict(&image).unwrap().labels;
        let found = tiled.predict(&image).unwrap().labels;
        let hard = cut_hard(&alone, &image, &starts, &cuts);
        same += found.iter().zip(&expected).filter(|(a, b)| a == b).count();
        for (count, labels) in at_seams.iter_mut().zip([&expected, &found, &hard]) {
            *count += cuts
                .map(|cut| edges(labels, width, cut))
                .iter()
                .sum::<usize>();
        }
    }
    let agreement = same as f64 / (scenes as usize * width * height) as f64;
    let [of_whole, of_tiles, of_hard] = at_seams;
    eprintln!(
        "tiles agree with the whole on {agreement:.4} of the pixels; the class changes at the \
         seams {of_tiles} times, {of_whole} in the whole, {of_hard} with hard cuts"
    );
    assert!(agreement > 0.98, "{agreement}");
    // 0.95 of the whole's where this was written, and 1.5 with hard cuts.
    assert!(10 * of_tiles <= 11 * of_whole);
    assert!(10 * of_hard > 12 * of_whole);
}

#[test]
fn tiles_come_from_the_image_as_it_was_asked_to_be_resized() {
    let image = street(3, 700, 300);
    let small = resize(&image, 350, 150, image::imageops::FilterType::Triangle);
    let predictor = predictor(PredictOptions {
        input_size: Some(350),
        tiling: Some(tiling()),
        ..PredictOptions::default()
    });
    let tiles = predictor.tiles_for([300, 700]).unwrap();
    assert_eq!(tiles.content, [150, 350]);
    let prediction = predictor.predict(&image).unwrap();
    assert_eq!((prediction.width, prediction.height), (700, 300));
    let of_small = predictor.predict(&small).unwrap();
    let every_second = |labels: &[u8]| -> Vec<u8> {
        let rows = labels.chunks_exact(700).step_by(2);
        rows.flat_map(|row| row.iter().step_by(2).copied())
            .collect()
    };
    let found = every_second(&prediction.labels);
    let same = found.iter().zip(&of_small.labels).filter(|(a, b)| a == b);
    let share = same.count() as f64 / found.len() as f64;
    assert!(share > 0.95, "{share}");
}

#[test]
fn a_stop_between_tiles_stops() {
    let image = street(2, 700, 300);
    let predictor = predictor(PredictOptions {
        tiling: Some(tiling()),
        ..PredictOptions::default()
    });
    let tiles = predictor.tiles_for([300, 700]).unwrap();
    let mut left = 2;
    let between = &mut || {
        left -= 1;
        if left == 0 {
            Err(Error::Cancelled)
        } else {
            Ok(())
        }
    };
    let stopped = predictor.predict_in_tiles(&image, &tiles, between);
    assert!(stopped.unwrap_err().is_cancelled());
}

#[test]
fn tiles_that_could_not_overlap_are_refused() {
    let config = Config::default();
    for (side, overlap) in [(17, None), (257, Some(257)), (0, None)] {
        let tiling = Tiling { side, overlap };
        assert!(Grid::new(tiling, None, &config).is_err(), "{tiling:?}");
    }
    let grid = Grid::new(
        Tiling {
            side: 512,
            overlap: Some(100),
        },
        None,
        &config,
    )
    .unwrap();
    assert_eq!(
        (grid.side, grid.cells, grid.overlap, grid.logits.per_cell),
        (513, 32, 7, 1)
    );
    assert_eq!(grid.content_of([513, 400]), None);
    assert_eq!(grid.content_of([514, 400]), Some([514, 400]));
}

/// A network with made-up weights.
fn made_up(config: &Config, options: PredictOptions) -> Predictor {
    let device = ComputeDevice::cpu().device;
    let network = config.init_seeded(5, &device).unwrap();
    Predictor::with_network(&network, 129, options, &device).unwrap()
}

/// Networks that are padded or upsampled otherwise than the original's, with a tile's side.
fn of_other_libraries() -> Vec<(Config, usize)> {
    let of = |library, variant: &str, tf_padding| Config {
        library,
        model_variant: variant.to_owned(),
        tf_padding,
        num_classes: 4,
        crop_size: None,
        aspp_convs_filters: 16,
        aspp_with_separable_conv: library != Library::Torchvision,
        depth_multiplier: if library == Library::HuggingFace {
            0.35
        } else {
            1.0
        },
        ..Config::default()
    };
    vec![
        (of(Library::Torchvision, "mobilenet_v3_large", true), 128),
        (of(Library::HuggingFace, "mobilenet_v2", true), 129),
        (of(Library::HuggingFace, "mobilenet_v2", false), 128),
    ]
}

#[test]
fn one_tile_is_the_whole_image_for_other_libraries_too() {
    let image = street(4, 100, 128);
    for (config, side) in of_other_libraries() {
        let library = config.library;
        let predictor = made_up(
            &config,
            PredictOptions {
                input_size: Some(side),
                tiling: Some(Tiling {
                    side: 128,
                    overlap: None,
                }),
                ..PredictOptions::default()
            },
        );
        let grid = predictor.grid.clone().unwrap();
        assert_eq!(grid.side, side, "{library:?}");
        let prepared = Prepared::padded(&image, [side; 2], predictor.config().mean_pixel());
        let passes = predictor.run(&prepared).unwrap();
        let whole = predictor.finish(&prepared, &passes).unwrap();
        let tiles = Tiles {
            grid,
            content: [128, 100],
        };
        let tiled = predictor.predict_in_tiles(&image, &tiles, &mut || Ok(()));
        let tiled = tiled.unwrap();
        assert_eq!(tiled.labels, whole.labels, "{library:?}");
        assert_eq!(tiled.confidence, whole.confidence, "{library:?}");
    }
}

#[test]
fn the_common_grid_is_upsampled_as_one_map() {
    for (config, side) in of_other_libraries() {
        let tiling = Tiling {
            side: 128,
            overlap: Some(32),
        };
        let grid = Grid::new(tiling, None, &config).unwrap();
        let axis = grid.axis(300);
        let logits = grid.logits.count(axis.length());
        let pixels = grid.pixels(axis.length());
        assert_eq!(logits, pixels.div_ceil(16), "{side}");
        let expected = config.sampling().taps(logits, pixels);
        assert_eq!(grid.taps(&axis, 300), expected[..300]);
    }
}

#[test]
fn bands_are_classified_as_the_whole_grid() {
    let (rows, columns, classes) = (10, 6, 3);
    let values: Vec<f32> = (0..classes * rows * columns)
        .map(|place| (place * 7919 % 23) as f32 - 11.0)
        .collect();
    let part = |from: usize, to: usize| Logits {
        classes,
        size: [to - from, columns],
        values: values
            .chunks_exact(rows * columns)
            .flat_map(|plane| plane[from * columns..to * columns].to_vec())
            .collect(),
    };
    for sampling in [Sampling::AlignedCorners, Sampling::HalfPixels] {
        let taps = [sampling.taps(rows, 77), sampling.taps(columns, 44)];
        let all = part(0, rows);
        let look = Look::at(&all, taps[0].clone(), taps[1].clone());
        let expected = classify(&[look], Settle::AfterUpsampling);
        let mut bands = Bands::new(taps, Settle::AfterUpsampling);
        // Each begins with the last row of the one before.
        for (from, to) in [(0, 4), (3, 5), (4, 8), (7, 10)] {
            bands.classify(&[part(from, to)]);
        }
        let found = bands.finish();
        assert_eq!(found.labels, expected.labels, "{sampling:?}");
        assert_eq!(found.confidence, expected.confidence, "{sampling:?}");
        assert!((found.mean_confidence - expected.mean_confidence).abs() < 1e-6);
    }
}

#[test]
fn the_dense_crf_takes_tiles_as_a_whole() {
    let image = street(6, 257, 161);
    let predictor = predictor(PredictOptions {
        input_size: Some(SIDE),
        tiling: Some(tiling()),
        crf: Some(CrfOptions::default()),
        ..PredictOptions::default()
    });
    let whole = predictor.predict(&image).unwrap();
    let tiles = Tiles {
        grid: predictor.grid.clone().unwrap(),
        content: [161, 257],
    };
    let mut asked = 0;
    let between = &mut || {
        asked += 1;
        Ok(())
    };
    let tiled = predictor.predict_in_tiles(&image, &tiles, between).unwrap();
    // Once for the tile, once for the lattice, and once an iteration.
    assert_eq!(asked, 1 + 1 + 10);
    assert_eq!(tiled.labels, whole.labels);
    assert_eq!(tiled.confidence, whole.confidence);
}

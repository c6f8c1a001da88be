use super::*;

const SMALL: Size = Size {
    width: 192,
    height: 128,
};

fn clear(time: Time) -> Settings {
    Settings {
        time,
        weather: Weather::Clear,
    }
}

/// FNV-1a, so that the figures below can be checked with any tool.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let first = scene(7, SMALL, clear(Time::Night));
    assert_eq!(first, scene(7, SMALL, clear(Time::Night)));
    let other = scene(8, SMALL, clear(Time::Night));
    assert_ne!(first.labels, other.labels);
    assert_ne!(first.image, other.image);
}

#[test]
fn bytes_are_pinned_across_machines() {
    let day = scene(1, SMALL, clear(Time::Day));
    assert_eq!(checksum(&day.labels), 0x2A5A_B9A8_2415_A020);
    assert_eq!(checksum(day.image.as_raw()), 0xDF74_48CF_B1C8_DC8D);
}

#[test]
fn light_and_weather_change_the_image_and_not_the_labels() {
    let day = scene(3, SMALL, clear(Time::Day));
    for time in [Time::Day, Time::Dusk, Time::Night] {
        for weather in [
            Weather::Clear,
            Weather::Overcast,
            Weather::Rain,
            Weather::Fog,
        ] {
            let other = scene(3, SMALL, Settings { time, weather });
            assert_eq!(day.labels, other.labels, "{time:?} {weather:?}");
            if (time, weather) != (Time::Day, Weather::Clear) {
                assert_ne!(day.image, other.image, "{time:?} {weather:?}");
            }
        }
    }
}

#[test]
fn night_is_far_darker_than_day() {
    let mean = |time| {
        let image = scene(5, SMALL, clear(time)).image;
        let sum: u64 = image.as_raw().iter().map(|&v| u64::from(v)).sum();
        sum as f64 / image.as_raw().len() as f64
    };
    let (day, dusk, night) = (mean(Time::Day), mean(Time::Dusk), mean(Time::Night));
    assert!(night < 0.6 * day, "day {day}, night {night}");
    assert!(
        night < dusk && dusk < day,
        "day {day}, dusk {dusk}, night {night}"
    );
}

#[test]
fn every_class_is_common_and_no_other_occurs() {
    let size = Size::new(320, 240).unwrap();
    let mut pixels = [0_usize; 256];
    let mut scenes = [0_usize; 256];
    for seed in 0..30 {
        let labels = scene(seed, size, clear(Time::Day)).labels;
        let mut here = [0_usize; 256];
        for &label in &labels {
            here[usize::from(label)] += 1;
        }
        for class in 0..256 {
            pixels[class] += here[class];
            scenes[class] += usize::from(here[class] >= 50);
        }
    }
    let total: usize = pixels.iter().sum();
    for class in 0..=255_u8 {
        let (share, scenes) = (
            pixels[usize::from(class)] as f64 / total as f64,
            scenes[usize::from(class)],
        );
        if class::ALL.contains(&class) {
            assert!(share > 0.005, "class {class}: {share}");
            assert!(scenes >= 24, "class {class}: in {scenes} of 30 scenes");
        } else {
            assert_eq!(share, 0.0, "class {class}");
        }
    }
}

#[test]
fn any_size_works_and_keeps_the_same_street() {
    for (width, height) in [(32, 32), (33, 200), (500, 40), (129, 257)] {
        let size = Size::new(width, height).unwrap();
        let scene = scene(11, size, clear(Time::Dusk));
        assert_eq!(scene.image.dimensions(), (width, height));
        assert_eq!(scene.labels.len(), (width * height) as usize);
        assert!(scene.labels.contains(&class::ROAD));
    }
}

#[test]
fn sizes_are_read_and_checked() {
    assert_eq!(
        "512x256".parse::<Size>().unwrap(),
        Size::new(512, 256).unwrap()
    );
    for wrong in ["512", "0x10", "axb", "99999x64", "64x64x3", "-64x64"] {
        assert!(wrong.parse::<Size>().is_err(), "{wrong}");
    }
}

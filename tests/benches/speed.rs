//! What is done off the window's thread at 12 megapixels: `cargo bench --workspace --bench speed`.
//! What the hand waits for is in `hand`.

use atrous_engine::mask::LabelMap;
use divan::{Bencher, black_box};

/// 12 megapixels, as phones take them.
const WIDTH: u32 = 4032;
const HEIGHT: u32 = 3024;

fn main() {
    divan::main();
}

/// A map with some structure, so that edits don't compress to nothing.
fn label_map() -> LabelMap {
    let pixels: Vec<u8> = (0..HEIGHT)
        .flat_map(|y| (0..WIDTH).map(move |x| ((x / 97 + y / 61) % 19) as u8))
        .collect();
    LabelMap::from_vec(WIDTH, HEIGHT, &pixels).expect("the size fits")
}

/// What an image switch does off the window's thread: the photo decoded, the label map read.
mod switch {
    use super::*;
    use atrous_engine::{Limits, image_file, mask::png_file};

    #[divan::bench(sample_count = 10)]
    fn decode_12_mp_jpeg(bencher: Bencher) {
        let Some(path) = atrous_tests::shared("data/photos/01_12mp_4032x3024.jpg") else {
            return;
        };
        bencher.bench(|| black_box(image_file::decode(&path, &Limits::default())));
    }

    #[divan::bench(sample_count = 10)]
    fn read_12_mp_label_png(bencher: Bencher) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("label.png");
        let bytes = png_file::encode(&label_map(), &[[0; 3]; 256]).expect("it encodes");
        std::fs::write(&path, bytes).expect("it is written");
        bencher.bench(|| black_box(png_file::read(&path, &Limits::default())));
    }

    #[divan::bench(sample_count = 10)]
    fn write_12_mp_label_png(bencher: Bencher) {
        let map = label_map();
        bencher.bench(|| black_box(png_file::encode(&map, &[[0; 3]; 256])));
    }
}

/// What the tools look for in a 12 MP photo, behind the window.
mod sight {
    use super::*;
    use atrous_engine::device::ComputeDevice;
    use atrous_engine::jobs::{Cancel, Silent};
    use atrous_engine::mask::{
        GrabCut, LabelMap, Mark, Pixels, Rect, SlicOptions, SmartClick, Superpixels, Wand,
        live_wire, wand,
    };
    use atrous_engine::predict::{PredictOptions, Predictor};
    use atrous_engine::weights::{self, LoadOptions};
    use atrous_engine::{Limits, image_file};
    use image::RgbImage;

    /// A building site by the water at dusk: many edges, and a wide soft sky.
    fn photo() -> Option<RgbImage> {
        let path = atrous_tests::shared("data/photos/01_12mp_4032x3024.jpg")?;
        image_file::decode(&path, &Limits::default()).ok()
    }

    fn pixels(image: &RgbImage) -> Pixels<'_> {
        Pixels::new([image.width(), image.height()], image.as_raw()).expect("the size fits")
    }

    #[divan::bench(args = [16, 35, 100], sample_count = 5)]
    fn slic(bencher: Bencher, side: u32) {
        let Some(image) = photo() else { return };
        let options = SlicOptions {
            side,
            ..SlicOptions::default()
        };
        bencher.bench_local(|| black_box(Superpixels::slic(pixels(&image), &options, &mut Silent)));
    }

    /// A soft, slightly noisy surface all over the image: the region is all of it.
    fn surface() -> RgbImage {
        RgbImage::from_fn(WIDTH, HEIGHT, |x, y| {
            let noise = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)) >> 7 & 3;
            let value = 90 + (40 * x / WIDTH) as u8 + noise as u8;
            image::Rgb([value, value, 120])
        })
    }

    #[divan::bench(sample_count = 10)]
    fn wand_over_all_of_it(bencher: Bencher) {
        let image = surface();
        let seed = [WIDTH / 2, HEIGHT / 2];
        bencher.bench_local(|| {
            let mut wand = Wand::new(pixels(&image), seed)?;
            let spans = wand.spans(pixels(&image), 60, &Cancel::default()).ok()?;
            assert_eq!(spans.len(), HEIGHT as usize);
            Some(spans)
        });
    }

    #[divan::bench(sample_count = 10)]
    fn wand_one_step_further(bencher: Bencher) {
        let image = surface();
        let seed = [WIDTH / 2, HEIGHT / 2];
        let started = || {
            let mut wand = Wand::new(pixels(&image), seed).expect("it is inside");
            drop(wand.spans(pixels(&image), 12, &Cancel::default()));
            wand
        };
        bencher
            .with_inputs(started)
            .bench_local_values(|mut wand| wand.spans(pixels(&image), 13, &Cancel::default()));
    }

    #[divan::bench(sample_count = 10)]
    fn wand_everywhere(bencher: Bencher) {
        let image = surface();
        bencher.bench_local(|| black_box(wand::similar(pixels(&image), [110, 110, 120], 12)));
    }

    /// One leg of the magnetic polygon, which the window's thread lays itself; its ends lie so many
    /// pixels apart.
    #[divan::bench(args = [100, 400, 3500], sample_count = 50)]
    fn magnetic_leg(bencher: Bencher, length: u16) {
        let Some(image) = photo() else { return };
        let (from, along) = ([300.0, 1400.0], f32::from(length));
        let to = [from[0] + along, from[1] + 0.2 * along];
        bencher.bench_local(|| live_wire::trace(pixels(&image), from, to, 0.7));
    }

    #[divan::bench(sample_count = 10)]
    fn smart_click(bencher: Bencher) {
        let Some(image) = photo() else { return };
        let Some(path) = atrous_tests::shared("models/deeplabv3_257_mv_gpu.tflite") else {
            return;
        };
        let device = ComputeDevice::cpu();
        let model = weights::load(&path, &LoadOptions::default(), &device.device).expect("a model");
        let predictor = Predictor::new(&model, PredictOptions::default(), &device);
        let probabilities = predictor.and_then(|predictor| predictor.probabilities(&image));
        let probabilities = probabilities.expect("probabilities");
        let click = SmartClick {
            marks: vec![Mark {
                at: [2000.0, 1500.0],
                radius: 10.0,
                inside: true,
            }],
            part: Rect::new(0, 0, WIDTH, HEIGHT),
            class: 1,
        };
        let labels = LabelMap::filled(WIDTH, HEIGHT, 0);
        bencher.bench_local(|| {
            let (pixels, network) = (pixels(&image), Some(&probabilities));
            black_box(click.region(pixels, &labels, network, &Cancel::default()))
        });
    }

    #[divan::bench(sample_count = 10)]
    fn grab_cut(bencher: Bencher) {
        let Some(image) = photo() else { return };
        let cut = GrabCut {
            rect: Rect::new(1000, 800, 2000, 1500),
            marks: Vec::new(),
        };
        bencher.bench_local(|| black_box(cut.region(pixels(&image), &Cancel::default())));
    }
}

//! Each kernel of each instruction set against its definition.

use proptest::prelude::*;

use super::{ChannelRow, ChannelWeights, Finish, Isa, Product, Run, Weights};
use crate::network::SplitMix;

/// What lies around slices, to be found there again.
const UNTOUCHED: f32 = 1234.5;

fn draw(seed: u64, name: &str, count: usize) -> Vec<f32> {
    let mut stream = SplitMix::named(seed, name);
    (0..count).map(|_| stream.unit() as f32 - 0.5).collect()
}

fn assert_close(found: f32, expected: f32, what: &str) {
    assert!(
        (found - expected).abs() < 1e-4,
        "{what}: {found}, not {expected}"
    );
}

fn finish(swishes: bool) -> Finish {
    if swishes {
        Finish::HardSwish
    } else {
        Finish::Limits([-0.25, 0.75])
    }
}

proptest! {
    #[test]
    fn products_equal_their_definition(
        pixels in 0_usize..40,
        runs in prop::collection::vec((0_usize..9, 1_usize..20), 0..4),
        outputs in 1_usize..120,
        gap in 0_usize..5,
        stretch in 0_usize..40,
        has_residual: bool,
        swishes: bool,
        seed: u64,
    ) {
        let mut inputs = 0;
        let mut runs: Vec<_> = runs.into_iter().map(|(start, len)| {
            inputs += len;
            Run { start, input: inputs - len, len }
        }).collect();
        // One run less than there are weights for: what no run names counts as zero.
        inputs += 3;
        runs.reverse();
        let reach = runs.iter().map(|run| run.start + run.len).max().unwrap_or(0);
        let source = draw(seed, "source", pixels * stretch + reach);
        let kernel = draw(seed, "kernel", inputs * outputs);
        let biases = draw(seed, "biases", outputs);
        let residual = draw(seed, "residual", pixels * outputs);
        let out_step = outputs + gap;
        let finish = finish(swishes);
        for isa in Isa::all() {
            let weights = Weights::pack(isa, inputs, &biases, |i, o| kernel[i * outputs + o]);
            let product = Product {
                source: &source,
                step: stretch,
                runs: &runs,
                weights: &weights,
                biases: weights.biases(),
                residual: has_residual.then_some(&residual),
                finish,
            };
            let mut out = vec![UNTOUCHED; pixels * out_step];
            product.write(pixels, &mut out, out_step);
            for (place, found) in out.into_iter().enumerate() {
                let (pixel, output) = (place / out_step, place % out_step);
                if output >= outputs {
                    prop_assert_eq!(found, UNTOUCHED);
                    continue;
                }
                let mut sum = biases[output];
                if has_residual {
                    sum += residual[pixel * outputs + output];
                }
                for run in &runs {
                    for k in 0..run.len {
                        let value = source[pixel * stretch + run.start + k];
                        sum += value * kernel[(run.input + k) * outputs + output];
                    }
                }
                assert_close(found, finish.of(sum), &format!("{isa:?} at {place}"));
            }
        }
    }

    #[test]
    fn channel_rows_equal_their_definition(
        width in 1_usize..40,
        channels in 1_usize..70,
        side in prop::sample::select(vec![3_usize, 5, 7]),
        stride in 1_usize..4,
        rate in 1_usize..7,
        left in 0_usize..20,
        outs in 0_usize..40,
        swishes: bool,
        seed: u64,
    ) {
        let source = draw(seed, "source", side * width * channels);
        let kernel = draw(seed, "kernel", side * side * channels);
        let biases = draw(seed, "biases", channels);
        let mut rows: [&[f32]; 7] = [&[]; 7];
        for (row, values) in rows.iter_mut().zip(source.chunks_exact(width * channels)) {
            *row = values;
        }
        let finish = finish(swishes);
        for isa in Isa::all() {
            let taps = side * side;
            let weights = ChannelWeights::pack(isa, side, &biases, |c, tap| kernel[c * taps + tap]);
            let row = ChannelRow { rows, width, stride, rate, left, weights: &weights, finish };
            let mut out = vec![UNTOUCHED; outs * channels];
            row.write(&mut out);
            for (place, found) in out.into_iter().enumerate() {
                let (x, channel) = (place / channels, place % channels);
                let mut sum = biases[channel];
                for tap in 0..taps {
                    let column = (x * stride + tap % side * rate).wrapping_sub(left);
                    if column < width {
                        let value = rows[tap / side][column * channels + channel];
                        sum += value * kernel[channel * taps + tap];
                    }
                }
                assert_close(found, finish.of(sum), &format!("{isa:?} at {place}"));
            }
        }
    }
}

#[test]
fn what_is_not_a_number_stays_so() {
    for isa in Isa::all() {
        let weights = Weights::pack(isa, 1, &[0.0; 5], |_, _| 1.0);
        let run = [Run {
            start: 0,
            input: 0,
            len: 1,
        }];
        let product = Product {
            source: &[f32::NAN],
            step: 1,
            runs: &run,
            weights: &weights,
            biases: weights.biases(),
            residual: None,
            finish: Finish::Limits([0.0, 6.0]),
        };
        let mut out = [0.0; 5];
        product.write(1, &mut out, 5);
        assert!(out.iter().all(|value| value.is_nan()), "{isa:?}: {out:?}");
    }
}

#[test]
#[should_panic = "assertion failed"]
fn a_product_beyond_its_source_is_refused() {
    let weights = Weights::pack(Isa::best(), 4, &[0.0; 2], |_, _| 1.0);
    let run = [Run {
        start: 1,
        input: 0,
        len: 4,
    }];
    let product = Product {
        source: &[0.0; 8],
        step: 4,
        runs: &run,
        weights: &weights,
        biases: weights.biases(),
        residual: None,
        finish: Finish::Limits([0.0, 6.0]),
    };
    product.write(2, &mut [0.0; 4], 2);
}

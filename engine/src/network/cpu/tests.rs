//! Whole convolutions and chains of them against their definition.

use proptest::prelude::*;

use super::{Chain, Depthwise, Finish, Full, Map, Window};
use crate::network::SplitMix;

const LIMITS: Finish = Finish::Limits([0.0, 0.75]);

fn draw(seed: u64, name: &str, count: usize) -> Vec<f32> {
    let mut stream = SplitMix::named(seed, name);
    (0..count).map(|_| stream.unit() as f32 - 0.5).collect()
}

/// A kernel `[outputs, inputs, side, side]` with biases; depthwise kernels have one input.
struct Layer {
    kernel: Vec<f32>,
    biases: Vec<f32>,
    inputs: usize,
    depthwise: bool,
    finish: Finish,
}

impl Layer {
    fn new(seed: u64, name: &str, shape: [usize; 3], depthwise: bool, finish: Finish) -> Self {
        let [outputs, inputs, side] = shape;
        let inputs = if depthwise { 1 } else { inputs };
        Self {
            kernel: draw(seed, name, outputs * inputs * side * side),
            biases: draw(seed, &format!("{name}/biases"), outputs),
            inputs,
            depthwise,
            finish,
        }
    }

    fn full(&self, side: usize) -> Full {
        let inputs = 0..self.inputs;
        Full::pack(
            &self.kernel,
            [self.inputs, side],
            inputs,
            &self.biases,
            self.finish,
        )
    }

    /// By the definition, one output value at a time.
    fn of(&self, map: &Map, window: &Window) -> Map {
        let [height, width] = window.outputs([map.height, map.width]).unwrap();
        let outputs = self.biases.len();
        let mut values = Vec::new();
        for index in 0..map.images * height * width * outputs {
            let (pixel, output) = (index / outputs, index % outputs);
            let (image, y, x) = (
                pixel / (height * width),
                pixel / width % height,
                pixel % width,
            );
            let sum = self.at(map, window, [image, y, x], output);
            values.push(self.finish.of(sum));
        }
        Map {
            values,
            images: map.images,
            height,
            width,
            channels: outputs,
        }
    }

    fn at(&self, map: &Map, window: &Window, [image, y, x]: [usize; 3], output: usize) -> f32 {
        let side = window.side;
        let mut sum = self.biases[output];
        for tap in 0..side * side {
            let row = y * window.stride + tap / side * window.rate;
            let column = x * window.stride + tap % side * window.rate;
            let row = row.wrapping_sub(window.padding[0].0);
            let column = column.wrapping_sub(window.padding[1].0);
            if row >= map.height || column >= map.width {
                continue;
            }
            for input in 0..self.inputs {
                let channel = if self.depthwise { output } else { input };
                let place = (image * map.height + row) * map.width + column;
                let weight = self.kernel[(output * self.inputs + input) * side * side + tap];
                sum += map.values[place * map.channels + channel] * weight;
            }
        }
        sum
    }
}

fn assert_close(found: &Map, expected: &Map) {
    let shape = |map: &Map| [map.images, map.height, map.width, map.channels];
    assert_eq!(shape(found), shape(expected));
    assert_eq!(found.values.len(), expected.values.len());
    for (found, expected) in found.values.iter().zip(&expected.values) {
        assert!((found - expected).abs() < 1e-4, "{found}, not {expected}");
    }
}

/// Features of up to two images, and a window with a place on them.
fn map_and_window(sides: &'static [usize]) -> impl Strategy<Value = (Map, Window)> {
    let size = (1_usize..3, 1_usize..12, 1_usize..12, 1_usize..24);
    let window = (prop::sample::select(sides), 1_usize..4, 1_usize..5);
    let padding = [(0_usize..9, 0_usize..9), (0_usize..9, 0_usize..9)];
    (size, window, padding, any::<u64>()).prop_filter_map("no output", |parts| {
        let ((images, height, width, channels), (side, stride, rate), padding, seed) = parts;
        let values = draw(seed, "map", images * height * width * channels);
        let map = Map {
            values,
            images,
            height,
            width,
            channels,
        };
        let window = Window {
            side,
            stride,
            rate,
            padding,
        };
        window.outputs([height, width])?;
        Some((map, window))
    })
}

proptest! {
    #[test]
    fn full_convolutions_equal_their_definition(
        (map, window) in map_and_window(&[1, 2, 3, 5]),
        outputs in 1_usize..40,
        seed: u64,
    ) {
        let layer = Layer::new(seed, "full", [outputs, map.channels, window.side], false, LIMITS);
        let size = window.outputs([map.height, map.width]).unwrap();
        let expected = layer.of(&map, &window);
        let found = layer.full(window.side).convolve(map.into_tensor(), &window, size);
        assert_close(&found, &expected);
    }

    #[test]
    fn chains_equal_one_layer_after_the_other(
        (map, window) in map_and_window(&[3, 5, 7]),
        inner in 1_usize..40,
        outputs in 1_usize..40,
        (expands, projects) in any::<(bool, bool)>(),
        threads in 1_usize..4,
        seed: u64,
    ) {
        let inner = if expands { inner } else { map.channels };
        let plain = Window { side: 1, stride: 1, rate: 1, padding: [(0, 0); 2] };
        let expand = Layer::new(seed, "expand", [inner, map.channels, 1], false, LIMITS);
        let depthwise = Layer::new(seed, "depthwise", [inner, 1, window.side], true, LIMITS);
        let project = Layer::new(seed, "project", [outputs, inner, 1], false, Finish::NOTHING);
        let filters =
            Depthwise::pack(&depthwise.kernel, window.side, &depthwise.biases, LIMITS).unwrap();
        let [wide, narrow] = [&expand, &project].map(|layer| layer.full(1));
        let size = window.outputs([map.height, map.width]).unwrap();
        let shape = [map.height, map.width, map.channels];
        let last = if projects { outputs } else { inner };
        let chain = Chain {
            expand: expands.then_some(&wide),
            depthwise: &filters,
            project: projects.then_some(&narrow),
            residual: projects && shape == [size[0], size[1], last],
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let found = pool.install(|| chain.run(&map, &window, size));
        let mut expected = if expands {
            depthwise.of(&expand.of(&map, &plain), &window)
        } else {
            depthwise.of(&map, &window)
        };
        if projects {
            expected = project.of(&expected, &plain);
        }
        if chain.residual {
            expected.values.iter_mut().zip(&map.values).for_each(|(sum, value)| *sum += value);
        }
        assert_close(&found, &expected);
    }
}

#[test]
fn a_tensor_and_a_map_hold_the_same_and_need_no_copy() {
    let values: Vec<f32> = (0_u8..24).map(f32::from).collect();
    let map = Map {
        values,
        images: 1,
        height: 2,
        width: 3,
        channels: 4,
    };
    let address = map.values.as_ptr();
    let tensor = map.into_tensor();
    assert_eq!(tensor.dims(), [1, 4, 2, 3]);
    let by_channel: Vec<f32> = tensor.clone().into_data().try_to_vec().unwrap();
    assert_eq!(by_channel[..6], [0.0, 4.0, 8.0, 12.0, 16.0, 20.0]);
    let map = Map::of(tensor);
    assert_eq!(map.values.as_ptr(), address);
    assert_eq!([map.height, map.width, map.channels], [2, 3, 4]);
}

//! Networks written as Core ML files and read back.

use std::path::Path;

use burn::tensor::Device;
use half::f16;

use super::{is_coreml, read};
use crate::limits::Limits;
use crate::network::Config;
use crate::weights::graph::Import;
use crate::weights::protobuf::writing as write;
use crate::weights::{TensorSet, collect, fold};

/// How a test file stores its numbers.
#[derive(Clone, Copy, PartialEq)]
enum Stored {
    Float,
    Half,
    /// 8 bits and a table of the values from -1 to 1.
    Table,
}

/// What a test file does with the image before the network, beside the network's own scaling.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    Nothing,
    /// Divides by 255 in place of the usual scaling.
    UnitRange,
}

/// Writes layers one after the other, and follows strides and rates.
struct Writer<'t> {
    tensors: &'t TensorSet,
    stored: Stored,
    output_stride: usize,
    stride: usize,
    rate: usize,
    layers: Vec<u8>,
    count: usize,
}

impl Writer<'_> {
    /// A layer that takes `inputs`; the name of what it gives.
    fn layer(&mut self, inputs: &[&str], kind: u64, what: &[u8]) -> String {
        self.count += 1;
        let output = format!("tensor {}", self.count);
        let mut layer = write::bytes(1, output.as_bytes());
        for input in inputs {
            layer.extend(write::bytes(2, input.as_bytes()));
        }
        layer.extend(write::bytes(3, output.as_bytes()));
        layer.extend(write::bytes(kind, what));
        self.layers.extend(write::bytes(1, &layer));
        output
    }

    fn numbers(&self, values: &[f32]) -> Vec<u8> {
        match self.stored {
            Stored::Float => write::floats(1, values),
            Stored::Half => {
                let halves = values.iter().flat_map(|v| f16::from_f32(*v).to_le_bytes());
                write::bytes(2, &halves.collect::<Vec<_>>())
            }
            Stored::Table => {
                let table: Vec<f32> = (0_u8..=255).map(|n| f32::from(n) / 127.5 - 1.0).collect();
                let raw = values.iter().map(|v| ((v + 1.0) * 127.5).round() as u8);
                let how = [
                    write::number(1, 8),
                    write::bytes(102, &write::floats(1, &table)),
                ];
                [
                    write::bytes(30, &raw.collect::<Vec<_>>()),
                    write::bytes(40, &how.concat()),
                ]
                .concat()
            }
        }
    }

    /// The next stride and rate of a layer whose stride on paper is this.
    fn step(&mut self, on_paper: usize) -> (usize, usize) {
        if self.stride == self.output_stride {
            let rate = self.rate;
            self.rate *= on_paper;
            return (1, rate);
        }
        self.stride *= on_paper;
        (on_paper, self.rate)
    }

    /// The convolution under `scope` with its activation: none, relu, or relu6 spelled out.
    fn conv(&mut self, input: &str, scope: &str, steps: (usize, usize), bound: f32) -> String {
        let find = |leaf: &str| self.tensors.get(&format!("{scope}/{leaf}"));
        let full = find("weights");
        let kernel = full.or(find("depthwise_weights")).unwrap();
        let [height, width, third, fourth] = kernel.shape[..] else {
            panic!("{scope}: {:?}", kernel.shape)
        };
        let (inputs, outputs) = if full.is_some() {
            (third, fourth)
        } else {
            (1, third)
        };
        let area = height * width;
        let turned: Vec<f32> = (0..kernel.values.len())
            .map(|place| {
                let (output, rest) = (place / (inputs * area), place % (inputs * area));
                kernel.values[(rest % area * inputs + rest / area) * outputs + output]
            })
            .collect();
        let (stride, rate) = steps;
        let padding = if rate > 1 {
            let reach = (height - 1) * rate / 2;
            let edges = [
                write::number(1, reach as u64),
                write::number(2, reach as u64),
            ];
            let edges = write::bytes(10, &edges.concat());
            write::bytes(50, &write::bytes(1, &[edges.clone(), edges].concat()))
        } else {
            write::bytes(51, &[])
        };
        let conv = [
            write::number(1, outputs as u64),
            write::number(2, inputs as u64),
            write::number(10, if full.is_some() { 1 } else { outputs as u64 }),
            write::numbers(20, &[height as u64, width as u64]),
            write::numbers(30, &[stride as u64; 2]),
            write::numbers(40, &[rate as u64; 2]),
            padding,
            write::number(70, 1),
            write::bytes(90, &self.numbers(&turned)),
            write::bytes(91, &self.numbers(&find("biases").unwrap().values)),
        ];
        let mut output = self.layer(&[input], 100, &conv.concat());
        if bound > 0.0 {
            output = self.layer(&[&output], 130, &write::bytes(10, &[]));
        }
        if bound == 6.0 {
            let negate = write::bytes(5, &write::float(1, -1.0));
            let least = [
                write::number(1, 7),
                write::float(2, -6.0),
                write::float(5, 1.0),
            ];
            output = self.layer(&[&output], 130, &negate);
            output = self.layer(&[&output], 220, &least.concat());
            output = self.layer(&[&output], 130, &negate);
        }
        output
    }

    /// MobileNetV2 from the scaled image on.
    fn backbone(&mut self, image: &str) -> String {
        let steps = self.step(2);
        let mut current = self.conv(image, "MobilenetV2/Conv", steps, 6.0);
        for (index, stride) in [1, 2, 1, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1]
            .into_iter()
            .enumerate()
        {
            let scope = match index {
                0 => "MobilenetV2/expanded_conv".to_owned(),
                _ => format!("MobilenetV2/expanded_conv_{index}"),
            };
            let mut inner = current.clone();
            if index > 0 {
                inner = self.conv(&inner, &format!("{scope}/expand"), (1, 1), 6.0);
            }
            let steps = self.step(stride);
            inner = self.conv(&inner, &format!("{scope}/depthwise"), steps, 6.0);
            inner = self.conv(&inner, &format!("{scope}/project"), (1, 1), 0.0);
            let channels = |scope: &str| {
                let biases = self.tensors.get(&format!("{scope}/biases"));
                biases.map(|biases| biases.values.len())
            };
            let before = match index {
                0 => "MobilenetV2/Conv".to_owned(),
                1 => "MobilenetV2/expanded_conv/project".to_owned(),
                _ => format!("MobilenetV2/expanded_conv_{}/project", index - 1),
            };
            let same = channels(&before) == channels(&format!("{scope}/project"));
            if steps.0 == 1 && same {
                inner = self.layer(&[&current, &inner], 230, &[]);
            }
            current = inner;
        }
        current
    }

    fn head(&mut self, features: &str, config: &Config) {
        let map = config.crop_size.unwrap()[0].div_ceil(self.output_stride) as u64;
        let pool = [
            write::number(1, 1),
            write::numbers(10, &[map; 2]),
            write::numbers(20, &[map; 2]),
            write::bytes(30, &[]),
        ];
        let pooled = self.layer(&[features], 120, &pool.concat());
        let pooled = self.conv(&pooled, "image_pooling", (1, 1), f32::INFINITY);
        let spread = self.layer(&[&pooled], 211, &write::numbers(1, &[map; 2]));
        let mut branches = vec![spread, self.conv(features, "aspp0", (1, 1), f32::INFINITY)];
        for (index, rate) in (1..).zip(&config.atrous_rates) {
            let scope = format!("aspp{index}_depthwise");
            let depthwise = self.conv(features, &scope, (1, *rate), f32::INFINITY);
            let scope = format!("aspp{index}_pointwise");
            branches.push(self.conv(&depthwise, &scope, (1, 1), f32::INFINITY));
        }
        let branches: Vec<&str> = branches.iter().map(String::as_str).collect();
        let together = self.layer(&branches, 320, &[]);
        let projected = self.conv(&together, "concat_projection", (1, 1), f32::INFINITY);
        let logits = self.conv(&projected, "logits/semantic", (1, 1), 0.0);
        self.layer(&[&logits], 280, &[]);
    }
}

/// A file of the network with those folded weights.
fn file(config: &Config, tensors: &TensorSet, stored: Stored, before: Before) -> Vec<u8> {
    let mut writer = Writer {
        tensors,
        stored,
        output_stride: config.output_stride,
        stride: 1,
        rate: 1,
        layers: Vec::new(),
        count: 0,
    };
    let scale = match before {
        Before::Nothing => 2.0 / 255.0,
        Before::UnitRange => 1.0 / 255.0,
    };
    let scaled = writer.layer(&["image"], 231, &write::float(1, scale));
    let shifted = writer.layer(&[&scaled], 230, &write::float(1, -1.0));
    let features = writer.backbone(&shifted);
    writer.head(&features, config);
    let [height, width] = config.crop_size.unwrap().map(|side| side as u64);
    let image = [
        write::number(1, width),
        write::number(2, height),
        write::number(3, 20),
    ];
    let kind = write::bytes(4, &image.concat());
    let feature = [write::bytes(1, b"image"), write::bytes(3, &kind)].concat();
    let metadata = write::bytes(4, b"Apache-2.0");
    let description = [write::bytes(1, &feature), write::bytes(100, &metadata)].concat();
    [
        write::number(1, 3),
        write::bytes(2, &description),
        write::bytes(500, &writer.layers),
    ]
    .concat()
}

fn config() -> Config {
    Config {
        depth_multiplier: 0.25,
        output_stride: 8,
        atrous_rates: vec![3, 5],
        aspp_convs_filters: 8,
        num_classes: 4,
        crop_size: Some([65, 65]),
        ..Config::default()
    }
}

/// The folded weights of a network with random ones.
fn tensors(config: &Config) -> TensorSet {
    let network = config.init_seeded(5, &Device::flex()).unwrap();
    let mut tensors = collect(&fold(&network).unwrap()).unwrap();
    for tensor in tensors.tensors.values_mut() {
        for (place, value) in tensor.values.iter_mut().enumerate() {
            // What fresh biases lack: values of their own.
            *value = (*value + (place % 7) as f32 * 0.01).clamp(-1.0, 1.0);
        }
    }
    tensors
}

fn import(bytes: &[u8]) -> Result<Import, String> {
    let path = Path::new("net.mlmodel");
    read(path, bytes, &Limits::default()).map_err(|error| error.to_string())
}

#[test]
fn a_network_comes_back_as_it_was_written() {
    let config = config();
    let tensors = tensors(&config);
    for (stored, allowed) in [
        (Stored::Float, 0.0),
        (Stored::Half, 1.0 / 2048.0),
        (Stored::Table, 1.0 / 255.0 + 1e-6),
    ] {
        let bytes = file(&config, &tensors, stored, Before::Nothing);
        assert!(is_coreml(&bytes));
        let import = import(&bytes).unwrap();
        assert_eq!(import.config, config);
        assert!(import.unused.is_empty());
        assert_eq!(import.licence, "Apache-2.0");
        let names = import.tensors.names().collect::<Vec<_>>();
        assert_eq!(names, tensors.names().collect::<Vec<_>>());
        for (name, tensor) in &tensors.tensors {
            let found = import.tensors.get(name).unwrap();
            assert_eq!(found.shape, tensor.shape, "{name}");
            for (found, wanted) in found.values.iter().zip(&tensor.values) {
                assert!(
                    (found - wanted).abs() <= allowed,
                    "{name}: {found} and {wanted}"
                );
            }
        }
    }
}

#[test]
fn a_network_on_other_pixel_values_is_refused() {
    let config = config();
    let bytes = file(&config, &tensors(&config), Stored::Half, Before::UnitRange);
    let error = import(&bytes).unwrap_err();
    assert!(error.contains("scaled"), "{error}");
}

#[test]
fn a_file_cut_anywhere_is_refused_and_changes_never_panic() {
    let config = config();
    let whole = file(&config, &tensors(&config), Stored::Table, Before::Nothing);
    for cut in (0..400).chain((400..whole.len()).step_by(1499)) {
        assert!(import(&whole[..cut]).is_err(), "cut at {cut}");
    }
    let mut refused = 0;
    for place in (0..whole.len()).step_by(1499) {
        for flip in [0x01, 0x80, 0xff] {
            let mut changed = whole.clone();
            changed[place] ^= flip;
            refused += usize::from(import(&changed).is_err());
        }
    }
    assert!(refused > 0, "none of the changes was noticed");
}

#[test]
fn more_layers_than_allowed_are_refused() {
    let config = config();
    let bytes = file(&config, &tensors(&config), Stored::Half, Before::Nothing);
    let limits = Limits {
        tensors: 20,
        ..Limits::default()
    };
    let error = read(Path::new("net.mlmodel"), &bytes, &limits).unwrap_err();
    assert!(error.to_string().contains("layers"), "{error}");
}

#[test]
fn other_files_are_not_core_ml() {
    // An ONNX model begins likewise: a version and its producer's name.
    let onnx = [
        write::number(1, 8),
        write::bytes(2, b"pytorch"),
        write::bytes(7, &[]),
    ];
    assert!(!is_coreml(&onnx.concat()));
    assert!(!is_coreml(&[]));
    let program = [
        write::number(1, 7),
        write::bytes(2, &[]),
        write::bytes(502, &[]),
    ]
    .concat();
    assert!(is_coreml(&program));
    let error = import(&program).unwrap_err();
    assert!(error.contains("ML program"), "{error}");
}

use burn::tensor::{Device, Tensor, TensorData};
use proptest::prelude::*;

use super::messages::Node;
use super::*;
use crate::network::SplitMix;
use crate::weights::load_named::from_frozen_graph;
use crate::weights::protobuf::writing::bytes;
use crate::weights::{LoadOptions, assign, collect, fold};

mod writer;

use writer::{Norms, Style, graph_of};

fn config() -> Config {
    Config {
        depth_multiplier: 0.25,
        aspp_convs_filters: 16,
        decoder_filters: 8,
        atrous_rates: vec![12, 24],
        decoder_output_stride: vec![4],
        output_stride: 8,
        num_classes: 3,
        crop_size: Some([65, 97]),
        image_pooling_crop_size: Some([33, 65]),
        image_pooling_stride: [1, 2],
        use_bounded_activation: true,
        prediction_with_upsampled_logits: false,
        ..Config::default()
    }
}

/// The network of [`config`] with batch norms far from the identity.
fn network() -> DeepLab {
    let network = config().init_seeded(5, &Device::flex()).unwrap();
    let mut tensors = collect(&network).unwrap();
    for (name, tensor) in &mut tensors.tensors {
        let mut draw = SplitMix::named(5, name);
        let centre = if name.ends_with("gamma") || name.ends_with("variance") {
            1.0
        } else {
            0.0
        };
        if tensor.shape.len() == 1 {
            tensor
                .values
                .fill_with(|| (centre + 0.4 * draw.unit()) as f32);
        }
    }
    assign(network, &tensors).unwrap().0
}

fn encode(nodes: &[Node]) -> Vec<u8> {
    let mut file = Vec::new();
    for node in nodes {
        file.extend(bytes(1, &node.encode()));
    }
    file
}

fn file(style: Style) -> Vec<u8> {
    encode(&graph_of(&config(), &collect(&network()).unwrap(), style))
}

fn read_it(bytes: &[u8]) -> Result<Import> {
    read(Path::new("graph.pb"), bytes, None, &Limits::default())
}

fn logits(network: &DeepLab) -> Vec<f32> {
    let mut draw = SplitMix::new(3);
    let pixels: Vec<f32> = (0..3 * 65 * 97)
        .map(|_| (255.0 * draw.unit()) as f32)
        .collect();
    let image = TensorData::new(pixels, [1, 3, 65, 97]);
    let logits = network.forward(Tensor::from_data(image, &Device::flex()));
    logits.into_data().try_to_vec().unwrap()
}

const NEW: Style = Style {
    old_rates: false,
    reads: true,
    norms: Norms::Fused,
};

#[test]
fn a_graph_tells_the_network_and_how_it_is_run() {
    let old = Style {
        old_rates: true,
        reads: false,
        norms: Norms::Fused,
    };
    for style in [NEW, old] {
        let import = read_it(&file(style)).unwrap();
        assert_eq!(import.config, config());
        assert_eq!(import.tensors, collect(&network()).unwrap());
        assert!(
            import
                .epsilons
                .values()
                .any(|epsilon| (epsilon - 1e-3).abs() < 1e-9)
        );
    }
}

#[test]
fn folded_graphs_compute_the_same() {
    let expected = logits(&network());
    let largest = expected
        .iter()
        .fold(0.0_f32, |largest, v| largest.max(v.abs()));
    assert!(largest > 1e-3);
    for norms in [
        Norms::FoldedButDepthwise,
        Norms::Folded,
        Norms::FactorAndOffset,
    ] {
        let bytes = file(Style { norms, ..NEW });
        let options = LoadOptions::default();
        let model =
            from_frozen_graph(Path::new("m.pb"), &bytes, &options, &Device::flex()).unwrap();
        assert_eq!(model.config(), &config(), "{norms:?}");
        assert_eq!(model.network.is_folded(), norms == Norms::Folded);
        assert!(
            model.accounting.unused.is_empty(),
            "{:?}",
            model.accounting.unused
        );
        for (found, expected) in logits(&model.network).iter().zip(&expected) {
            assert!(
                (found - expected).abs() <= 1e-4 * largest,
                "{norms:?}: {found} {expected}"
            );
        }
    }
}

#[test]
fn another_epsilon_moves_into_the_variance() {
    let mut network = network();
    let mut nodes = graph_of(&config(), &collect(&network).unwrap(), NEW);
    for node in nodes.iter_mut().filter(|node| node.is_batch_norm()) {
        node.attributes.get_mut("epsilon").unwrap().float = Some(0.25);
    }
    let mut import = read_it(&encode(&nodes)).unwrap();
    assert!(import.fit_epsilons_to(&network));
    network = assign(network, &import.tensors).unwrap().0;
    // Folding takes the number under the root into account, so it shows what the network has.
    let name = "aspp0/BatchNorm/moving_variance";
    let own = network
        .variables()
        .iter()
        .find(|v| v.name == name)
        .unwrap()
        .normalised
        .as_ref()
        .unwrap()
        .epsilon;
    let before = collect(&self::network()).unwrap().get(name).unwrap().values[0];
    let after = import.tensors.get(name).unwrap().values[0];
    assert!((f64::from(after) + own - (f64::from(before) + 0.25)).abs() < 1e-6);
    assert!(fold(&network).unwrap().is_folded());
    assert!(!read_it(&file(NEW)).unwrap().fit_epsilons_to(&network));
}

#[test]
fn a_network_by_name_needs_no_structure() {
    let mut nodes = graph_of(&config(), &collect(&network()).unwrap(), NEW);
    nodes.retain(|node| !node.is_convolution());
    let bytes = encode(&nodes);
    let read = read(
        Path::new("g.pb"),
        &bytes,
        Some(&config()),
        &Limits::default(),
    );
    assert_eq!(read.unwrap().config, config());
}

#[test]
fn what_is_no_network_is_said() {
    let nodes = [Node {
        name: "a",
        op: "NoOp",
        ..Node::default()
    }];
    let bytes = encode(&nodes);
    assert!(is_frozen_graph(&bytes));
    let error = read_it(&bytes).unwrap_err().to_string();
    assert!(
        error.contains("variables of a DeepLab backbone") && error.contains("--network"),
        "{error}"
    );
    for other in [
        &b""[..],
        b"\x0a",
        b"\x08\x07\x12\x04",
        b"{\"a\": 1}",
        b"\x0a\xff\xff\xff\xff\xff",
    ] {
        assert!(!is_frozen_graph(other), "{other:?}");
    }
}

#[test]
fn limits_hold() {
    let limits = Limits {
        tensors: 3,
        ..Limits::default()
    };
    let error = read(Path::new("g.pb"), &file(NEW), None, &limits).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Limit {
                what: "the number of nodes",
                ..
            }
        ),
        "{error}"
    );
    let limits = Limits {
        tensor_values: 100,
        ..Limits::default()
    };
    let error = read(Path::new("g.pb"), &file(NEW), None, &limits).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Limit {
                what: "values in one tensor",
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn a_circle_of_nodes_ends() {
    let mut nodes = graph_of(&config(), &collect(&network()).unwrap(), NEW);
    for op in ["Identity", "Relu"] {
        let conv = nodes
            .iter_mut()
            .find(|node| node.name == "MobilenetV2/Conv/Conv2D")
            .unwrap();
        conv.inputs[0] = "round";
        nodes.push(Node {
            name: "round",
            op,
            inputs: vec!["round", "MobilenetV2/Conv/Conv2D"],
            ..Node::default()
        });
        let import = read_it(&encode(&nodes)).unwrap();
        assert_eq!(import.tensors.len(), collect(&network()).unwrap().len());
        nodes.pop();
    }
}

#[test]
fn cuts_between_and_within_nodes_never_give_other_values() {
    let nodes = graph_of(&config(), &collect(&network()).unwrap(), NEW);
    let whole = encode(&nodes);
    let tensors = read_it(&whole).unwrap().tensors;
    let mut end = 0;
    for node in &nodes {
        end += encode(std::slice::from_ref(node)).len();
        for cut in [end - 1, end, (end + 1).min(whole.len())] {
            if let Ok(import) = read_it(&whole[..cut]) {
                assert!(
                    import
                        .tensors
                        .tensors
                        .iter()
                        .all(|(name, t)| tensors.get(name) == Some(t))
                );
            }
        }
        assert!(
            read_it(&whole[..end - 1]).is_err(),
            "cut within {}",
            node.name
        );
    }
    assert_eq!(end, whole.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn changed_bytes_never_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        static FILE: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(|| {
            let mut nodes = graph_of(&config(), &collect(&network()).unwrap(), NEW);
            // One value each, so that most bytes are names and numbers.
            for value in nodes.iter_mut().filter_map(|node| node.attributes.get_mut("value")) {
                let constant = value.tensor.as_mut().unwrap();
                if constant.content.len() > 64 {
                    constant.content = &[];
                    constant.floats = vec![0.5];
                }
            }
            encode(&nodes)
        });
        let mut bytes = FILE.clone();
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        let _ = read_it(&bytes);
    }
}

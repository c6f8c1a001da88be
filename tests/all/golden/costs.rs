//! Multiply-adds and parameters against those of TensorFlow's graphs, at the settings that the
//! model zoo publishes its figures for.

use atrous_engine::network::Config;
use atrous_tests::{root, shared};
use burn::tensor::Device;
use rayon::prelude::*;
use serde_json::Value;

use super::record;

/// One network at one size, and what it costs.
#[derive(Debug)]
struct Entry {
    name: String,
    config: Config,
    size: [usize; 2],
    full: u64,
    depthwise: u64,
    parameters: u64,
    trainable: u64,
}

impl Entry {
    /// A line of the table; its network is that of a golden folder at another size.
    fn parse(line: &str) -> Self {
        let cells: Vec<_> = line.split('\t').collect();
        let number = |place: usize| cells[place].parse::<u64>().unwrap();
        let mut records = record::read(cells[1]).into_iter();
        let main = records.find(|record| record.case.name == "main").unwrap();
        let mut config = main.case.config;
        config.num_classes = number(2) as usize;
        if config.decoder_output_is_logits {
            config.decoder_filters = config.num_classes;
            // The records' smaller images have smaller windows.
            config.image_pooling_crop_size = Some([769, 769]);
        }
        let output_stride = number(3) as usize;
        for rate in &mut config.atrous_rates {
            *rate = *rate * config.output_stride / output_stride;
        }
        config.output_stride = output_stride;
        let size = [number(4) as usize, number(5) as usize];
        config.crop_size = Some(size);
        Self {
            name: cells[0].to_owned(),
            config,
            size,
            full: number(6),
            depthwise: number(7),
            parameters: number(8),
            trainable: number(9),
        }
    }
}

fn entries() -> Vec<Entry> {
    let table = std::fs::read_to_string(root().join("tests/all/golden/costs.tsv")).unwrap();
    table.lines().skip(1).map(Entry::parse).collect()
}

#[test]
fn networks_cost_what_the_originals_cost() {
    let entries = entries();
    assert_eq!(entries.len(), 25);
    entries.par_iter().for_each(|entry| {
        let network = entry.config.init(&Device::flex()).unwrap();
        let cost = network.cost(entry.size);
        let name = &entry.name;
        assert_eq!(cost.parameters, entry.parameters, "{name}");
        assert_eq!(cost.trainable, entry.trainable, "{name}");
        assert_eq!(cost.depthwise, entry.depthwise, "{name}");
        assert_eq!(cost.full, entry.full, "{name}");
    });
}

/// The table says what the reference data says, all of it.
#[test]
fn the_costs_are_those_of_the_reference() {
    let Some(path) = shared("golden/madds.json") else {
        return;
    };
    let reference: Vec<Value> = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let entries = entries();
    assert_eq!(reference.len(), entries.len());
    for (entry, reference) in entries.iter().zip(&reference) {
        let name = &entry.name;
        assert_eq!(reference["name"], name.as_str());
        assert_eq!(
            reference["madds_total"],
            entry.full + entry.depthwise,
            "{name}"
        );
        assert_eq!(reference["params"], entry.parameters, "{name}");
        assert_eq!(reference["trainable"], entry.trainable, "{name}");
        assert_eq!(
            reference["output_stride"], entry.config.output_stride,
            "{name}"
        );
    }
}

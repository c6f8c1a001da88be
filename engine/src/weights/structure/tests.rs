use super::*;
use crate::weights::collect;

/// The variables of `config`, without their values.
fn variables(config: &Config) -> TensorSet {
    let network = config
        .init_seeded(0, &burn::tensor::Device::flex())
        .unwrap();
    without_values(collect(&network).unwrap())
}

fn without_values(mut tensors: TensorSet) -> TensorSet {
    for tensor in tensors.tensors.values_mut() {
        tensor.values = Vec::new();
    }
    tensors
}

fn small() -> Config {
    Config {
        depth_multiplier: 0.35,
        aspp_convs_filters: 16,
        num_classes: 5,
        ..Config::default()
    }
}

#[test]
fn heads_and_decoders_are_told_apart() {
    let changes: [fn(&mut Config); 12] = [
        |_| {},
        |c| c.divisible_by = Some(8),
        |c| c.atrous_rates = vec![6, 12, 18],
        |c| {
            c.atrous_rates = vec![6, 12];
            c.aspp_with_separable_conv = false;
        },
        |c| c.add_image_level_feature = false,
        |c| c.aspp_with_concat_projection = false,
        |c| c.aspp_with_squeeze_and_excitation = true,
        |c| c.decoder_output_stride = vec![4],
        |c| c.decoder_output_stride = vec![16, 8, 4],
        |c| {
            c.decoder_output_stride = vec![8];
            c.decoder_use_separable_conv = false;
            c.decoder_filters = 12;
        },
        |c| {
            c.decoder_output_stride = vec![16, 8];
            c.decoder_use_sum_merge = true;
        },
        |c| {
            c.decoder_output_stride = vec![4];
            c.decoder_use_sum_merge = true;
            c.decoder_use_separable_conv = false;
        },
    ];
    for change in changes {
        let mut config = small();
        change(&mut config);
        assert_eq!(infer_config(&variables(&config)).unwrap(), config);
    }
}

#[test]
fn searched_backbones_are_told_apart() {
    let searched = |name: &str, output_stride| Config {
        model_variant: name.to_owned(),
        nas_stem_output_num_conv_filters: 4,
        output_stride,
        depth_multiplier: 1.0,
        ..small()
    };
    let mut configs: Vec<_> = [8, 16, 32]
        .map(|stride| searched("nas_pnasnet", stride))
        .to_vec();
    configs.push(searched("nas_hnasnet", 8));
    for config in configs {
        let with_head = Config {
            nas_use_classification_head: true,
            ..config.clone()
        };
        let with_decoder = Config {
            decoder_output_stride: vec![8],
            ..config.clone()
        };
        for config in [config, with_head, with_decoder] {
            assert_eq!(infer_config(&variables(&config)).unwrap(), config);
            let folded = config.init_folded(&burn::tensor::Device::flex()).unwrap();
            let tensors = without_values(collect(&folded).unwrap());
            assert_eq!(infer_config(&tensors).unwrap(), config);
        }
    }
}

#[test]
fn folded_networks_are_told_too() {
    for gate in [false, true] {
        let config = Config {
            aspp_with_squeeze_and_excitation: gate,
            ..small()
        };
        let network = config.init_folded(&burn::tensor::Device::flex()).unwrap();
        let tensors = without_values(collect(&network).unwrap());
        assert_eq!(infer_config(&tensors).unwrap(), config, "{gate}");
    }
}

#[test]
fn what_is_missing_is_named() {
    let error = |tensors: &TensorSet| infer_config(tensors).unwrap_err().to_string();
    assert!(error(&TensorSet::default()).contains("no scopes"));
    let mut foreign = TensorSet::default();
    foreign.insert("vgg_16/conv1/weights", vec![3, 3, 3, 64], Vec::new());
    assert!(error(&foreign).contains("found vgg_16/..."));
    let mut backbone = variables(&small());
    backbone
        .tensors
        .retain(|name, _| name.starts_with("MobilenetV2/"));
    assert!(error(&backbone).contains("a backbone alone"));
    let mut cut = variables(&small());
    cut.tensors.remove("MobilenetV2/Conv/weights");
    assert!(error(&cut).contains("MobilenetV2/Conv/weights"));
}

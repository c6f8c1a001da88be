//! What a network is, in words.

use super::{Config, Library};

impl Config {
    /// The backbone for people: "MobileNetV2 0.5", "Xception 65".
    pub fn backbone(&self) -> String {
        let name = match self.model_variant.as_str() {
            "mobilenet_v2" => "MobileNetV2",
            "mobilenet_v3_large_seg" => "MobileNetV3 large",
            "mobilenet_v3_small_seg" => "MobileNetV3 small",
            "mobilenet_edgetpu" => "MobileNet EdgeTPU",
            "xception_41" => "Xception 41",
            "xception_65" => "Xception 65",
            "xception_71" => "Xception 71",
            "resnet_v1_18" => "ResNet-v1 18",
            "resnet_v1_50" => "ResNet-v1 50",
            "resnet_v1_101" => "ResNet-v1 101",
            "resnet_v1_18_beta" => "ResNet-v1 18 beta",
            "resnet_v1_50_beta" => "ResNet-v1 50 beta",
            "resnet_v1_101_beta" => "ResNet-v1 101 beta",
            "nas_pnasnet" => "PNASNet",
            "nas_hnasnet" => "Auto-DeepLab",
            other => other,
        };
        match self.depth_multiplier {
            1.0 => name.to_owned(),
            multiplier => format!("{name} {multiplier}"),
        }
    }

    /// What turns features into classes, for people: "image pooling", "ASPP 6, 12, 18, decoder 4".
    pub fn head(&self) -> String {
        let joined = |numbers: &[usize]| {
            let numbers: Vec<_> = numbers.iter().map(ToString::to_string).collect();
            numbers.join(", ")
        };
        let rates = joined(&self.atrous_rates);
        let mut parts = Vec::new();
        if !self.dense_prediction_cell_json.is_empty() {
            parts.push("dense prediction cell".to_owned());
        } else if !self.aspp_with_batch_norm {
            parts.push(match self.atrous_rates.len() {
                0 => "logits alone".to_owned(),
                1 => format!("LargeFOV {rates}"),
                _ => format!("sum of ASPP {rates}"),
            });
        } else if !self.atrous_rates.is_empty() {
            parts.push(format!("ASPP {rates}"));
        } else if self.aspp_with_squeeze_and_excitation {
            parts.push("gate by image pooling".to_owned());
        } else if self.add_image_level_feature {
            parts.push("image pooling".to_owned());
        } else {
            parts.push("1x1 convolution".to_owned());
        }
        if !self.decoder_output_stride.is_empty() {
            let strides = joined(&self.decoder_output_stride);
            parts.push(format!("decoder {strides}"));
        }
        parts.join(", ")
    }

    /// Whose network it is, for people.
    pub fn library_name(&self) -> &'static str {
        match self.library {
            Library::Tensorflow => "research/deeplab (TensorFlow)",
            Library::Torchvision => "torchvision (PyTorch)",
            Library::HuggingFace => "transformers (PyTorch)",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_have_the_names_that_people_know() {
        let told = |config: Config| format!("{}; {}", config.backbone(), config.head());
        assert_eq!(told(Config::default()), "MobileNetV2; image pooling");
        let v3_plus = Config {
            model_variant: "xception_65".into(),
            atrous_rates: vec![6, 12, 18],
            decoder_output_stride: vec![4],
            ..Config::default()
        };
        assert_eq!(told(v3_plus), "Xception 65; ASPP 6, 12, 18, decoder 4");
        let large_fov = Config {
            depth_multiplier: 0.5,
            aspp_with_batch_norm: false,
            atrous_rates: vec![12],
            ..Config::default()
        };
        assert_eq!(told(large_fov), "MobileNetV2 0.5; LargeFOV 12");
    }
}

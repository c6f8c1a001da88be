//! Reading a [`Config`] from research/deeplab's flags as JSON.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde_json::{Map, Value};

use super::Config;
use crate::{Error, Result};

/// What a JSON object may say beside the flags, all of it without effect on the network.
const BESIDE_THE_FLAGS: [&str; 6] = [
    "variant",
    "weight_gain",
    "note",
    "bias_override",
    "case_flag_overrides",
    "cases",
];

/// Flags that shape no network: the trainer's own.
const WITHOUT_EFFECT: [&str; 3] = ["label_weights", "batch_norm_decay", "drop_path_keep_prob"];

/// Where the original's `ModelOptions` keep the flags of the searched backbones.
const NAS_OPTIONS: &str = "nas_architecture_options";

/// No dense prediction cell is longer than this.
const CELL_BYTES: u64 = 1 << 16;

impl Config {
    /// Reads a JSON object of flags, either flat or under `flags`, with `num_classes`,
    /// `output_stride`, `atrous_rates` and `crop_size` beside them.
    ///
    /// `null` leaves a flag at its default, but a `crop_size` of `null` means any size. Numbers may
    /// stand in quotes.
    ///
    /// # Errors
    /// [`Error::Argument`] where the text is no JSON object, a flag is unknown or has a wrong type,
    /// or the network is not built.
    pub fn from_json(text: &str) -> Result<Self> {
        Self::from_object(parse(text)?)
    }

    /// As [`Config::from_json`], for one of the `cases` of a file that lists several: what the case
    /// says of crop, rates, stride and pyramid, and its `case_flag_overrides`, go before the rest.
    ///
    /// # Errors
    /// As [`Config::from_json`], and where there is no such case.
    pub fn from_json_case(text: &str, case: &str) -> Result<Self> {
        let mut object = parse(text)?;
        let overrides = object["case_flag_overrides"][case].take();
        let case_flags = match object["cases"][case].take() {
            Value::Object(case_flags) => case_flags,
            _ => return Err(Error::argument("cases", format!("the case {case}"), "none")),
        };
        for key in [
            "crop_size",
            "atrous_rates",
            "output_stride",
            "image_pyramid",
        ] {
            if let Some(value) = case_flags.get(key) {
                object["flags"][key] = value.clone();
            }
        }
        for (key, value) in overrides.as_object().into_iter().flatten() {
            object["flags"][key] = value.clone();
        }
        Self::from_object(object)
    }

    /// As [`Config::from_json`], for flags that a person wrote in `folder`: where
    /// `dense_prediction_cell_json` is the path of a file from there, the file's text takes its
    /// place.
    ///
    /// # Errors
    /// As [`Config::from_json`], and [`Error::Io`] where that file can't be read.
    pub fn from_json_in(text: &str, folder: &Path) -> Result<Self> {
        let mut object = parse(text)?;
        let in_flags = object.get("flags").is_some_and(Value::is_object);
        let flags = if in_flags {
            &mut object["flags"]
        } else {
            &mut object
        };
        if let Some(Value::String(cell)) = flags.get_mut("dense_prediction_cell_json") {
            let path = folder.join(&*cell);
            if !cell.is_empty() && path.is_file() {
                *cell = read_cell(&path)?;
            }
        }
        Self::from_object(object)
    }

    fn from_object(mut object: Value) -> Result<Self> {
        let mut flags = match object["flags"].take() {
            Value::Object(flags) => flags,
            _ => Map::new(),
        };
        for (key, value) in object.as_object().into_iter().flatten() {
            if key != "flags" && !BESIDE_THE_FLAGS.contains(&key.as_str()) {
                flags.insert(key.clone(), value.clone());
            }
        }
        match flags.remove(NAS_OPTIONS) {
            Some(Value::Object(options)) => flags.extend(options),
            None | Some(Value::Null) => {}
            Some(other) => {
                let found = other.to_string();
                return Err(Error::argument(NAS_OPTIONS, "an object of flags", found));
            }
        }
        let stride_is_told = flags
            .get("output_stride")
            .is_some_and(|value| !value.is_null());
        let any_size = flags.get("crop_size").is_some_and(Value::is_null);
        flags.retain(|key, value| !value.is_null() && !WITHOUT_EFFECT.contains(&key.as_str()));
        flags.values_mut().for_each(unquote_numbers);
        let mut config: Self = serde_json::from_value(Value::Object(flags)).map_err(|error| {
            Error::argument("network", "flags of research/deeplab", error.to_string())
        })?;
        if any_size {
            config.crop_size = None;
        }
        if !stride_is_told && config.model_variant == "nas_hnasnet" {
            // There is no other.
            config.output_stride = 8;
        }
        config.validate()?;
        Ok(config)
    }
}

fn read_cell(path: &Path) -> Result<String> {
    let mut text = String::new();
    let file = File::open(path).map_err(Error::io(path, "reading"))?;
    file.take(CELL_BYTES)
        .read_to_string(&mut text)
        .map_err(Error::io(path, "reading"))?;
    Ok(text)
}

fn parse(text: &str) -> Result<Value> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| Error::argument("network", "a JSON object", error.to_string()))?;
    if value.is_object() {
        Ok(value)
    } else {
        Err(Error::argument(
            "network",
            "a JSON object",
            value.to_string(),
        ))
    }
}

/// Turns `"2"` into `2`, in lists too: the original keeps some lists of numbers as strings.
fn unquote_numbers(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Ok(number) = text.parse::<u64>() {
                *value = number.into();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(unquote_numbers),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_flags_beside_and_below() {
        let config = Config::from_json(
            r#"{"flags": {"depth_multiplier": 0.5, "decoder_output_stride": [8, 4],
                "image_pooling_stride": ["1", "2"], "divisible_by": null, "batch_norm_decay": 0.9},
                "num_classes": 19, "output_stride": 8, "atrous_rates": [12, 24], "crop_size": null}"#,
        )
        .unwrap();
        let expected = Config {
            depth_multiplier: 0.5,
            decoder_output_stride: vec![8, 4],
            image_pooling_stride: [1, 2],
            num_classes: 19,
            output_stride: 8,
            atrous_rates: vec![12, 24],
            crop_size: None,
            ..Config::default()
        };
        assert_eq!(config, expected);
    }

    #[test]
    fn searched_backbones_keep_their_flags_together() {
        let config = Config::from_json(
            r#"{"flags": {"model_variant": "nas_pnasnet", "drop_path_keep_prob": 0.8,
                "nas_architecture_options": {"nas_stem_output_num_conv_filters": 32,
                    "nas_use_classification_head": true, "nas_remove_os32_stride": false}}}"#,
        )
        .unwrap();
        assert_eq!(config.nas_stem_output_num_conv_filters, 32);
        assert!(config.nas_use_classification_head);
        let error = Config::from_json(r#"{"nas_architecture_options": [32]}"#).unwrap_err();
        let expected = "nas_architecture_options: expected an object of flags, found [32]";
        assert_eq!(error.to_string(), expected);
        let named = Config::from_json(r#"{"model_variant": "nas_hnasnet"}"#).unwrap();
        assert_eq!(named.output_stride, 8);
        let at_16 = r#"{"model_variant": "nas_hnasnet", "output_stride": 16}"#;
        let error = Config::from_json(at_16).unwrap_err();
        assert!(error.to_string().contains("output_stride: expected 8"));
    }

    #[test]
    fn a_case_goes_before_the_flags() {
        let text = r#"{"flags": {"image_pooling_crop_size": [769, 769]}, "num_classes": 3,
            "case_flag_overrides": {"small": {"image_pooling_crop_size": [65, 65]}},
            "cases": {"small": {"crop_size": [97, 129], "atrous_rates": null, "output_stride": 8,
                                "image_pyramid": [0.5, 1.0], "logits_mean": 3.5}}}"#;
        let config = Config::from_json_case(text, "small").unwrap();
        assert_eq!(config.image_pooling_crop_size, Some([65, 65]));
        assert_eq!(config.crop_size, Some([97, 129]));
        assert_eq!(config.output_stride, 8);
        assert_eq!(config.image_pyramid, [0.5, 1.0]);
        let error = Config::from_json_case(text, "large").unwrap_err();
        assert_eq!(
            error.to_string(),
            "cases: expected the case large, found none"
        );
    }

    #[test]
    fn a_cells_file_becomes_its_text() {
        let folder = tempfile::tempdir().unwrap();
        let cell = r#"[{"op": "conv", "kernel": 1, "input": -1}]"#;
        std::fs::write(folder.path().join("cell.json"), cell).unwrap();
        for text in [
            r#"{"dense_prediction_cell_json": "cell.json"}"#,
            r#"{"flags": {"dense_prediction_cell_json": "cell.json"}}"#,
        ] {
            let config = Config::from_json_in(text, folder.path()).unwrap();
            assert_eq!(config.dense_prediction_cell_json, cell);
            assert!(Config::from_json(text).is_err());
        }
        let inline = serde_json::json!({ "dense_prediction_cell_json": cell }).to_string();
        assert!(Config::from_json_in(&inline, folder.path()).is_ok());
    }

    #[test]
    fn round_trips_through_its_own_json() {
        let config = Config {
            crop_size: None,
            image_pyramid: vec![0.5, 1.0],
            ..Config::default()
        };
        let text = serde_json::to_string(&config).unwrap();
        assert_eq!(Config::from_json(&text).unwrap(), config);
        assert_eq!(serde_json::from_str::<Config>(&text).unwrap(), config);
    }

    #[test]
    fn says_what_is_wrong() {
        let message = |text| Config::from_json(text).unwrap_err().to_string();
        assert!(message("[1]").contains("expected a JSON object"));
        assert!(message(r#"{"depht_multiplier": 1}"#).contains("unknown field `depht_multiplier`"));
        assert!(
            message(r#"{"model_variant": "xception_66"}"#).contains("xception_65, xception_71")
        );
        assert!(message(r#"{"output_stride": 4}"#).contains("8, 16 or 32"));
        assert!(message(r#"{"output_stride": "wide"}"#).contains("wide"));
        assert!(message(r#"{"decoder_output_stride": [4, 8]}"#).contains("decoder_output_stride"));
        assert!(message(r#"{"num_classes": 256}"#).contains("1 to 255"));
    }
}

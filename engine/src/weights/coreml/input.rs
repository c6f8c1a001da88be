//! What a Core ML network takes.
//!
//! Tags are those of the Core ML specification's `Model.proto` and `FeatureTypes.proto`.

use crate::weights::graph::{Affine, Mismatch, Result, mismatch};
use crate::weights::protobuf::{Malformed, Message};

/// The image that a network takes.
#[derive(Debug, PartialEq)]
pub(super) struct Input<'a> {
    /// The name of its tensor.
    pub(super) name: &'a str,
    /// Height and width.
    pub(super) size: [usize; 2],
    /// What pixel values from 0 to 255 are in that tensor; `None` for an array, whose file does
    /// not say.
    pub(super) pixels: Option<Affine>,
}

/// More sides than any array has.
const MOST_SIDES: usize = 8;

/// The one input of a network, which has to be an RGB image or an array `[3, height, width]`.
///
/// `description` is the model's, `network` its neural network.
pub(super) fn read<'a>(description: Message<'a>, network: Message<'a>) -> Result<Input<'a>> {
    const INPUT: u64 = 1;
    const IMAGE: u64 = 4;
    let count = description.count(INPUT);
    let feature = part(description.message(INPUT))?.filter(|_| count == 1);
    let feature = feature.ok_or_else(|| mismatch("one input", format!("{count} inputs")))?;
    let name = feature.text(1).map_err(damaged)?;
    let kind = part(feature.message(3))?.unwrap_or_default();
    let image = part(kind.message(IMAGE))?;
    Ok(Input {
        name,
        size: size(image, kind)?,
        pixels: scaling(network, name)?.or(image.map(|_| Affine::IDENTITY)),
    })
}

/// A message within another, or why it can't be read.
fn part<'a>(
    message: std::result::Result<Option<Message<'a>>, Malformed>,
) -> Result<Option<Message<'a>>> {
    message.map_err(damaged)
}

fn damaged(damage: Malformed) -> Mismatch {
    Mismatch {
        advice: "Get the file again.".into(),
        ..mismatch("a whole Core ML file", format!("damage ({damage})"))
    }
}

/// Height and width of an image or an array.
fn size(image: Option<Message>, kind: Message) -> Result<[usize; 2]> {
    const ARRAY: u64 = 5;
    const RGB: u64 = 20;
    let side = |side: u64| usize::try_from(side).ok().filter(|side| *side > 0);
    let sides = if let Some(image) = image {
        if image.number(3) != RGB {
            return Err(foreign("images of another colour space"));
        }
        side(image.number(2)).zip(side(image.number(1)))
    } else {
        let array = part(kind.message(ARRAY))?.unwrap_or_default();
        match *array.numbers(1, MOST_SIDES).map_err(damaged)? {
            [3, height, width] | [1, 3, height, width] => side(height).zip(side(width)),
            _ => None,
        }
    };
    let (height, width) =
        sides.ok_or_else(|| mismatch("RGB images of a known size", "another input"))?;
    Ok([height, width])
}

/// What the network's preprocessing makes of the pixels of input `name`, if there is one.
fn scaling(network: Message, name: &str) -> Result<Option<Affine>> {
    const PREPROCESSING: u64 = 2;
    const SCALER: u64 = 10;
    const MEAN_IMAGE: u64 = 11;
    let mut scaling = None;
    for step in network.messages(PREPROCESSING) {
        let step = step.map_err(damaged)?;
        if !["", name].contains(&step.text(1).map_err(damaged)?) {
            continue;
        }
        if step.bytes(MEAN_IMAGE).is_some() || scaling.is_some() {
            return Err(foreign("a mean image, or several steps"));
        }
        let scaler = part(step.message(SCALER))?.unwrap_or_default();
        let [blue, green, red] = [20, 21, 22].map(|tag| scaler.float(tag));
        if red != green || red != blue {
            return Err(foreign("a bias of its own for each channel"));
        }
        scaling = Some(Affine {
            scale: scaler.float(10),
            shift: red,
        });
    }
    Ok(scaling)
}

/// A preprocessing that is not ours.
fn foreign(found: &str) -> Mismatch {
    Mismatch {
        advice: "The network was trained on differently prepared images; it can't be read.".into(),
        ..mismatch("RGB images, scaled alike in each channel", found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::protobuf::writing as write;

    fn description(kind: &[u8]) -> Vec<u8> {
        let feature = [write::bytes(1, b"image"), write::bytes(3, kind)].concat();
        write::bytes(1, &feature)
    }

    fn image(color_space: u64) -> Vec<u8> {
        let image = [
            write::number(1, 513),
            write::number(2, 257),
            write::number(3, color_space),
        ];
        description(&write::bytes(4, &image.concat()))
    }

    fn scaler(red: f32) -> Vec<u8> {
        let scaler = [
            write::float(10, 2.0 / 255.0),
            write::float(20, -1.0),
            write::float(21, -1.0),
            write::float(22, red),
        ];
        let step = [
            write::bytes(1, b"image"),
            write::bytes(10, &scaler.concat()),
        ];
        write::bytes(2, &step.concat())
    }

    fn read_both(description: &[u8], network: &[u8]) -> Option<([usize; 2], Option<Affine>)> {
        let (description, network) = (Message::read(description), Message::read(network));
        let input = read(description.unwrap(), network.unwrap()).ok()?;
        assert_eq!(input.name, "image");
        Some((input.size, input.pixels))
    }

    #[test]
    fn images_are_rgb_and_scaled_alike() {
        let as_they_are = Some(([257, 513], Some(Affine::IDENTITY)));
        assert_eq!(read_both(&image(20), &[]), as_they_are);
        let (scale, shift) = (2.0 / 255.0, -1.0);
        let scaled = Some(([257, 513], Some(Affine { scale, shift })));
        assert_eq!(read_both(&image(20), &scaler(-1.0)), scaled);
        assert_eq!(read_both(&image(20), &scaler(0.0)), None);
        assert_eq!(read_both(&image(30), &[]), None, "BGR");
        let mean = write::bytes(2, &write::bytes(11, &[1]));
        assert_eq!(read_both(&image(20), &mean), None);
        let twice = [scaler(-1.0), scaler(-1.0)].concat();
        assert_eq!(read_both(&image(20), &twice), None);
    }

    #[test]
    fn arrays_do_not_say_how_they_are_scaled() {
        let array = |shape: &[u64]| {
            let array = write::bytes(5, &write::numbers(1, shape));
            read_both(&description(&array), &[])
        };
        assert_eq!(array(&[3, 257, 513]), Some(([257, 513], None)));
        assert_eq!(array(&[3, 0, 513]), None);
        assert_eq!(array(&[257, 513, 3]), None);
        assert_eq!(read_both(&[], &[]), None);
    }
}

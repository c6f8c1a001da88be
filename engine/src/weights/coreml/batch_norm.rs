//! Batch norm that a Core ML converter has left to itself.

use super::numbers::values;
use crate::weights::fold::factors;
use crate::weights::protobuf::{Malformed, Message};

/// A batch norm layer.
#[derive(Debug, Clone, Copy)]
pub(super) struct BatchNorm<'a> {
    message: Message<'a>,
    /// How many channels it is for; `None` if it measures mean and variance itself.
    pub(super) channels: Option<u64>,
}

/// Batch norm as `value * factor + shift` of each channel.
#[derive(Debug, PartialEq)]
pub(super) struct Folded {
    pub(super) factors: Vec<f64>,
    pub(super) shifts: Vec<f64>,
}

impl<'a> BatchNorm<'a> {
    /// Reads `BatchnormLayerParams`.
    pub(super) fn read(message: Message<'a>) -> Result<Self, Malformed> {
        let measures = message.number(5) != 0 || message.number(6) != 0;
        Ok(Self {
            message,
            channels: (!measures).then(|| message.number(1)),
        })
    }

    /// What it makes of each of `channels`; `None` where the file has not as many numbers.
    pub(super) fn fold(&self, channels: usize) -> Option<Folded> {
        let read = |tag| values(self.message.message(tag).ok()??, channels, channels);
        let (gamma, beta, mean, variance) = (read(15)?, read(16)?, read(17)?, read(18)?);
        let factors = factors(&gamma, &variance, f64::from(self.message.float(10)));
        let shifts = beta.iter().zip(&mean).zip(&factors);
        Some(Folded {
            shifts: shifts
                .map(|((beta, mean), factor)| f64::from(*beta) - f64::from(*mean) * factor)
                .collect(),
            factors,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::protobuf::writing as write;

    #[test]
    fn the_four_numbers_of_a_channel_become_two() {
        let constant = |tag, values: &[f32]| write::bytes(tag, &write::floats(1, values));
        let bytes = [
            write::number(1, 2),
            write::float(10, 1.0),
            constant(15, &[2.0, 6.0]),
            constant(16, &[0.5, 1.0]),
            constant(17, &[4.0, -1.0]),
            constant(18, &[3.0, 8.0]),
        ]
        .concat();
        let norm = BatchNorm::read(Message::read(&bytes).unwrap()).unwrap();
        assert_eq!(norm.channels, Some(2));
        let expected = Folded {
            factors: vec![1.0, 2.0],
            shifts: vec![-3.5, 3.0],
        };
        assert_eq!(norm.fold(2), Some(expected));
        assert_eq!(norm.fold(3), None);
        let measuring = [bytes, write::number(5, 1)].concat();
        let norm = BatchNorm::read(Message::read(&measuring).unwrap()).unwrap();
        assert_eq!(norm.channels, None);
    }
}

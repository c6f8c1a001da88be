//! Numbers in a Core ML file as the real values they stand for.

use half::f16;

use crate::weights::protobuf::Message;

/// The `count` values of `weights` (`WeightParams`), the slowest dimension of which has `channels`
/// entries; `None` if there are others than so many, or they are stored in an unknown way.
pub(super) fn values(weights: Message, count: usize, channels: usize) -> Option<Vec<f32>> {
    const FLOAT: u64 = 1;
    const FLOAT16: u64 = 2;
    let floats = weights.floats(FLOAT, count).ok()?;
    if !floats.is_empty() {
        return (floats.len() == count).then_some(floats);
    }
    match weights.bytes(FLOAT16) {
        None | Some([]) => dequantised(weights, count, channels),
        Some(bytes) => {
            let (values, rest) = bytes.as_chunks();
            let fits = values.len() == count && rest.is_empty();
            let wide = values
                .iter()
                .map(|value| f16::from_le_bytes(*value).to_f32());
            fits.then(|| wide.collect())
        }
    }
}

/// Numbers of a few bits each, by a table or by scales.
fn dequantised(weights: Message, count: usize, channels: usize) -> Option<Vec<f32>> {
    const RAW: u64 = 30;
    const LINEAR: u64 = 101;
    const TABLE: u64 = 102;
    let raw = weights.bytes(RAW)?;
    let (bits, how) = quantization(weights)?;
    if raw.len() != count.checked_mul(bits)?.div_ceil(8) {
        return None;
    }
    let numbers = (0..count).map(|place| number(raw, place, bits));
    if let Some(table) = how.message(TABLE).ok()? {
        let table = table.floats(1, 1 << bits).ok()?;
        return (table.len() == 1 << bits).then(|| numbers.map(|number| table[number]).collect());
    }
    let linear = how.message(LINEAR).ok()??;
    let fits = |values: &Vec<f32>| values.len() == 1 || values.len() == channels;
    let scales = linear.floats(1, channels).ok().filter(fits)?;
    let mut biases = linear.floats(2, channels).ok()?;
    if biases.is_empty() {
        biases.push(0.0);
    }
    if !fits(&biases) {
        return None;
    }
    let inner = count.checked_div(channels)?.max(1);
    let of = |values: &[f32], place: usize| values[place / inner % values.len()];
    let real = |(place, number)| of(&scales, place) * number as f32 + of(&biases, place);
    Some(numbers.enumerate().map(real).collect())
}

/// How many bits a number has, and the message that says how they are meant.
fn quantization(weights: Message) -> Option<(usize, Message)> {
    let how = weights.message(40).ok()??;
    let bits = usize::try_from(how.number(1)).ok()?;
    (1..=8).contains(&bits).then_some((bits, how))
}

/// The number at `place` among numbers of so many bits, the highest bit first.
fn number(bytes: &[u8], place: usize, bits: usize) -> usize {
    let (byte, shift) = (place * bits / 8, place * bits % 8);
    let next = bytes.get(byte + 1).copied().unwrap_or_default();
    let both = u16::from_be_bytes([bytes[byte], next]);
    usize::from(both << shift >> (16 - bits))
}

/// How weights are stored, for people.
pub(super) fn stored(weights: Message) -> String {
    match quantization(weights) {
        Some((bits, how)) if how.bytes(102).is_some() => format!("{bits}-bit lookup table"),
        Some((bits, _)) => format!("{bits}-bit"),
        None if weights.bytes(2).is_some() => "half precision".to_owned(),
        None => "float32".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::protobuf::writing as write;

    fn read(bytes: &[u8], count: usize, channels: usize) -> Option<Vec<f32>> {
        values(Message::read(bytes).unwrap(), count, channels)
    }

    /// Raw numbers of so many bits, and what says how they are meant.
    fn quantised(bits: u64, raw: &[u8], how: &[u8]) -> Vec<u8> {
        let how = [&write::number(1, bits), how].concat();
        [write::bytes(30, raw), write::bytes(40, &how)].concat()
    }

    fn table(values: &[f32]) -> Vec<u8> {
        write::bytes(102, &write::floats(1, values))
    }

    fn linear(scales: &[f32], biases: &[f32]) -> Vec<u8> {
        let both = [write::floats(1, scales), write::floats(2, biases)].concat();
        write::bytes(101, &both)
    }

    #[test]
    fn floats_are_taken_as_they_are() {
        let floats = write::floats(1, &[1.0, -2.0]);
        assert_eq!(read(&floats, 2, 2), Some(vec![1.0, -2.0]));
        assert_eq!(read(&floats, 3, 3), None);
        assert_eq!(read(&floats, 1, 1), None);
        let halves = [f16::from_f32(0.5), f16::from_f32(-3.0)].map(f16::to_le_bytes);
        let halves = write::bytes(2, &halves.concat());
        assert_eq!(read(&halves, 2, 2), Some(vec![0.5, -3.0]));
        assert_eq!(read(&halves, 1, 1), None);
        assert_eq!(stored(Message::read(&halves).unwrap()), "half precision");
    }

    #[test]
    fn numbers_of_few_bits_are_packed_highest_first() {
        let values: Vec<f32> = (0_u8..8).map(f32::from).collect();
        // 5, 1, 7, 2, 0, 6 in 3 bits each: 101 001 111 010 000 110, and 6 bits to fill up.
        let raw = [0b1010_0111, 0b1010_0001, 0b1000_0000];
        let weights = quantised(3, &raw, &table(&values));
        let expected = vec![5.0, 1.0, 7.0, 2.0, 0.0, 6.0];
        assert_eq!(read(&weights, 6, 1), Some(expected));
        assert_eq!(read(&weights, 9, 1), None, "27 bits need a fourth byte");
        assert_eq!(
            stored(Message::read(&weights).unwrap()),
            "3-bit lookup table"
        );
    }

    #[test]
    fn tables_of_another_length_are_refused() {
        let short = table(&[0.0; 255]);
        assert_eq!(read(&quantised(8, &[1], &short), 1, 1), None);
        assert_eq!(read(&quantised(9, &[1, 1], &short), 1, 1), None);
        assert_eq!(read(&quantised(0, &[], &table(&[0.0])), 0, 1), None);
        assert_eq!(read(&quantised(8, &[1], &[]), 1, 1), None);
        assert_eq!(read(&[], 1, 1), None);
    }

    #[test]
    fn scales_are_for_all_or_for_each_channel() {
        let raw = [1, 2, 3, 255];
        let read = |how: &[u8]| read(&quantised(8, &raw, how), 4, 2);
        let all = read(&linear(&[0.5], &[-1.0]));
        assert_eq!(all, Some(vec![-0.5, 0.0, 0.5, 126.5]));
        let each = read(&linear(&[1.0, 10.0], &[0.0, 1.0]));
        assert_eq!(each, Some(vec![1.0, 2.0, 31.0, 2551.0]));
        let unshifted = read(&linear(&[1.0], &[]));
        assert_eq!(unshifted, Some(vec![1.0, 2.0, 3.0, 255.0]));
        assert_eq!(read(&linear(&[1.0, 1.0, 1.0], &[])), None);
        assert_eq!(read(&linear(&[], &[])), None);
    }
}

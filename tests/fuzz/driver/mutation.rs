//! Damaging inputs: bits, numbers, lengths, whole pieces.

use atrous_engine::network::SplitMix;

/// Numbers where readers go wrong.
const EXTREMES: [u64; 14] = [
    0,
    1,
    2,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0xffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    0xffff_ffff_ffff_ffff,
];

/// One of `seeds` with some damage.
pub fn damaged(seeds: &[Vec<u8>], random: &mut SplitMix) -> Vec<u8> {
    let mut input = pick(seeds, random).clone();
    // Mostly one change, sometimes many.
    loop {
        change(&mut input, seeds, random);
        if random.unit() < 0.5 {
            return input;
        }
    }
}

fn below(random: &mut SplitMix, count: usize) -> usize {
    (random.unit() * count as f64) as usize
}

fn pick<'a, T>(items: &'a [T], random: &mut SplitMix) -> &'a T {
    &items[below(random, items.len())]
}

fn change(input: &mut Vec<u8>, seeds: &[Vec<u8>], random: &mut SplitMix) {
    let place = place(input, random);
    let end = (place + 1 + below(random, 64)).min(input.len());
    match below(random, 9) {
        0 if place < input.len() => input[place] ^= 1 << below(random, 8),
        1 if place < input.len() => input[place] = random.next_u64() as u8,
        2 if place < input.len() => {
            let step = below(random, 17) as u8;
            input[place] = input[place].wrapping_add(step).wrapping_sub(8);
        }
        3 => overwrite(input, place, random),
        4 => input.truncate(place),
        5 => drop(input.drain(place.min(end)..end)),
        6 => {
            let piece = input[place.min(end)..end].to_vec();
            input.splice(place..place, piece);
        }
        7 => {
            let noise: Vec<u8> = (0..1 + below(random, 16))
                .map(|_| random.next_u64() as u8)
                .collect();
            input.splice(place..place, noise);
        }
        _ => {
            // The end of another input, from about the same place.
            let other = pick(seeds, random);
            let from = place.min(other.len());
            input.truncate(place);
            input.extend(&other[from..]);
        }
    }
}

/// A number where a length or an offset may be: an extreme, or near the input's own size.
fn overwrite(input: &mut [u8], place: usize, random: &mut SplitMix) {
    let size = input.len() as u64;
    let number = match below(random, 3) {
        0 => (size + below(random, 9) as u64).wrapping_sub(4),
        1 => below(random, input.len().max(1)) as u64,
        _ => *pick(&EXTREMES, random),
    };
    let width = *pick(&[1, 2, 4, 8], random);
    let bytes = if random.unit() < 0.5 {
        number.to_le_bytes()[..width].to_vec()
    } else {
        number.to_be_bytes()[8 - width..].to_vec()
    };
    let room = input.len().saturating_sub(place).min(width);
    input[place..place + room].copy_from_slice(&bytes[..room]);
}

/// Anywhere, or in every other case near a letter: there names, types and lengths are, and not the
/// weights or pixels that make up most of a file.
fn place(input: &[u8], random: &mut SplitMix) -> usize {
    let place = below(random, input.len() + 1);
    if random.unit() < 0.5 {
        return place;
    }
    let window = &input[place..(place + 4096).min(input.len())];
    let words = window
        .windows(4)
        .position(|four| four.iter().all(u8::is_ascii_alphabetic));
    let near = words.map_or(place, |words| place + words + below(random, 24));
    near.saturating_sub(8).min(input.len())
}

//! Makes graph files small without changing what they are, so that changes hit what matters.

/// A frozen graph without the bytes of its constants, which then are all zeros.
pub fn without_weights(graph: &[u8]) -> Vec<u8> {
    // Nodes, their attributes, the attribute's value, its tensor: there the fourth field.
    without(graph, &[1, 5, 2, 8, 4])
}

/// A field of bytes.
pub fn field(tag: u64, value: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    push_number(&mut bytes, tag << 3 | 2);
    push_number(&mut bytes, value.len() as u64);
    bytes.extend(value);
    bytes
}

/// The message `bytes` without the field at the end of `path`, whose other fields lead to it.
pub fn without(bytes: &[u8], path: &[u64]) -> Vec<u8> {
    let [first, rest @ ..] = path else {
        return bytes.to_vec();
    };
    let mut lean = Vec::new();
    let mut left = bytes;
    while !left.is_empty() {
        let start = left;
        let tag = number(&mut left);
        let value = match tag & 7 {
            0 => {
                number(&mut left);
                None
            }
            1 => left.split_off(..8),
            5 => left.split_off(..4),
            _ => {
                let length = number(&mut left) as usize;
                left.split_off(..length)
            }
        };
        match value.filter(|_| tag & 7 == 2 && tag >> 3 == *first) {
            // Short ones are sizes and strides.
            Some(value) if rest.is_empty() && value.len() > 32 => {}
            Some(value) if !rest.is_empty() => lean.extend(field(*first, &without(value, rest))),
            _ => lean.extend(&start[..start.len() - left.len()]),
        }
    }
    lean
}

fn number(bytes: &mut &[u8]) -> u64 {
    let mut number = 0;
    for place in 0..10 {
        let Some(byte) = bytes.split_off_first() else {
            break;
        };
        number |= u64::from(byte & 0x7f) << (7 * place);
        if *byte < 0x80 {
            break;
        }
    }
    number
}

pub fn push_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

//! Whether a JPEG goes on to its end.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::error::{Error, Result};

/// Refuses a JPEG that is cut short: one without the marker that ends an image. Files of other
/// formats pass.
///
/// Decoders fill what is missing with grey, and a label on grey would be a lie.
///
/// # Errors
/// [`Error::File`] when the marker is missing, [`Error::Io`] when the file can't be read.
pub(super) fn check(path: &Path) -> Result<()> {
    let mut file = File::open(path).map_err(Error::io(path, "opening"))?;
    let mut start = [0; 2];
    file.read_exact(&mut start)
        .map_err(Error::io(path, "reading"))?;
    if start != START_OF_IMAGE {
        return Ok(());
    }
    let mut rest = Vec::new();
    file.read_to_end(&mut rest)
        .map_err(Error::io(path, "reading"))?;
    if has_end(&rest) {
        return Ok(());
    }
    Err(Error::file(
        path,
        "a whole JPEG",
        "one that is cut short",
        "Copy it again from where it came from.",
    ))
}

/// Walks the segments (ITU-T T.81, annex B.1.1) up to the end-of-image marker.
///
/// Looking for its two bytes anywhere would be wrong: a thumbnail in the header has them too.
fn has_end(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(marker) = next_marker(&mut rest) {
        match marker {
            END_OF_IMAGE => return true,
            // Stuffed zeros, restarts, temporary use and the start stand alone.
            0x00 | 0x01 | 0xd0..=0xd8 => {}
            _ => {
                let Some(&[high, low]) = rest.first_chunk() else {
                    return false;
                };
                let length = usize::from(u16::from_be_bytes([high, low]));
                let Some(after) = rest.get(length.max(2)..) else {
                    return false;
                };
                rest = after;
            }
        }
    }
    false
}

const START_OF_IMAGE: [u8; 2] = [0xff, 0xd8];
const END_OF_IMAGE: u8 = 0xd9;

/// The next marker's code; `rest` then starts behind it.
fn next_marker(rest: &mut &[u8]) -> Option<u8> {
    let start = rest.iter().position(|byte| *byte == 0xff)?;
    let code = rest[start..].iter().position(|byte| *byte != 0xff)? + start;
    let marker = rest[code];
    *rest = &rest[code + 1..];
    Some(marker)
}

#[cfg(test)]
mod tests {
    use super::has_end;

    /// Start, one header segment holding a false end, a scan with a stuffed byte and a restart.
    const WHOLE: [u8; 22] = [
        0xff, 0xd8, 0xff, 0xe1, 0, 4, 0xff, 0xd9, 0xff, 0xda, 0, 3, 7, 0xff, 0, 9, 0xff, 0xd0, 5,
        0xff, 0xff, 0xd9,
    ];

    #[test]
    fn a_whole_one_ends_and_every_part_of_it_does_not() {
        assert!(has_end(&WHOLE));
        for length in 0..WHOLE.len() {
            assert!(!has_end(&WHOLE[..length]), "{length}");
        }
    }

    #[test]
    fn what_follows_the_end_does_not_matter() {
        assert!(has_end(&[&WHOLE[..], b"trailer"].concat()));
    }
}

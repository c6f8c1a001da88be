//! Reading bytes one after the other, never beyond the end.

use super::fault::{Fault, Result};

/// Bytes, and how many of them have been read.
#[derive(Debug, Clone)]
pub(super) struct Bytes<'a> {
    all: &'a [u8],
    read: usize,
}

const ENDS: Fault = Fault::Damaged("it ends too early");

impl<'a> Bytes<'a> {
    pub(super) fn new(all: &'a [u8]) -> Self {
        Self { all, read: 0 }
    }

    /// How many bytes have been read.
    pub(super) fn position(&self) -> usize {
        self.read
    }

    /// How many bytes are left.
    pub(super) fn rest(&self) -> usize {
        self.all.len() - self.read
    }

    pub(super) fn take(&mut self, count: u64) -> Result<&'a [u8]> {
        let rest = self.all.get(self.read..).ok_or(ENDS)?;
        let count = usize::try_from(count).map_err(|_| ENDS)?;
        let taken = rest.get(..count).ok_or(ENDS)?;
        self.read += count;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        self.take(N as u64)?.try_into().map_err(|_| ENDS)
    }

    pub(super) fn byte(&mut self) -> Result<u8> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    pub(super) fn u16(&mut self) -> Result<u16> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub(super) fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(super) fn u64(&mut self) -> Result<u64> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// Text up to the end of its line, which is read too.
    pub(super) fn line(&mut self) -> Result<&'a str> {
        let rest = self.all.get(self.read..).ok_or(ENDS)?;
        let length = rest.iter().position(|byte| *byte == b'\n').ok_or(ENDS)?;
        let line = self.take(length as u64)?;
        self.read += 1;
        text(line)
    }

    /// UTF-8 text of `count` bytes.
    pub(super) fn text(&mut self, count: u64) -> Result<&'a str> {
        text(self.take(count)?)
    }
}

fn text(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|_| Fault::Damaged("text that is no UTF-8"))
}

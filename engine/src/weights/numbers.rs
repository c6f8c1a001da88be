//! Little-endian numbers in foreign files.

/// Every `N` bytes as a number; bytes that don't fill one are left out.
pub(super) fn each<const N: usize, T>(bytes: &[u8], convert: impl Fn([u8; N]) -> T) -> Vec<T> {
    let (chunks, _) = bytes.as_chunks::<N>();
    chunks.iter().map(|chunk| convert(*chunk)).collect()
}

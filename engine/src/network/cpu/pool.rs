//! Memory of features that are no longer needed, for the next ones.
//!
//! Fresh memory costs more than it looks: the system hands it out in pages of 4 KiB, each cleared
//! and entered into a table when it is first touched, which takes longer than most layers need to
//! fill it.

use std::sync::{Mutex, PoisonError};

/// How many pieces are kept: a layer's input and output, the image, and one that waits to be joined.
const KEPT: usize = 4;

static POOL: Mutex<Vec<Vec<f32>>> = Mutex::new(Vec::new());

/// `len` floats of whatever was there before.
pub(super) fn take(len: usize) -> Vec<f32> {
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    let fitting = pool
        .iter()
        .enumerate()
        .filter(|(_, piece)| piece.capacity() >= len);
    let smallest = fitting
        .min_by_key(|(_, piece)| piece.capacity())
        .map(|(index, _)| index);
    let piece = smallest.map(|index| pool.swap_remove(index));
    drop(pool);
    match piece {
        Some(mut piece) => {
            piece.resize(len, 0.0);
            piece
        }
        None => vec![0.0; len],
    }
}

/// A copy of `values`.
pub(crate) fn copied(values: &[f32]) -> Vec<f32> {
    let mut piece = take(values.len());
    piece.copy_from_slice(values);
    piece
}

/// Keeps a piece, or lets the smallest go.
pub(super) fn give(piece: Vec<f32>) {
    if piece.capacity() == 0 {
        return;
    }
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    pool.push(piece);
    if pool.len() > KEPT {
        let sizes = pool.iter().enumerate();
        if let Some((smallest, _)) = sizes.min_by_key(|(_, piece)| piece.capacity()) {
            pool.swap_remove(smallest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_come_back_in_the_length_that_is_asked_for() {
        give(vec![1.0; 1000]);
        for len in [0, 10, 1000, 5000] {
            let piece = take(len);
            assert_eq!(piece.len(), len);
            give(piece);
        }
    }

    #[test]
    fn only_so_many_are_kept() {
        for len in 1..100 {
            give(vec![0.0; len]);
        }
        assert!(POOL.lock().unwrap().len() <= KEPT);
    }
}

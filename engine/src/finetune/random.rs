//! A small seeded generator, so that a run can be repeated and resumed exactly.

use crate::network::SplitMix;

/// A stream of random choices.
#[derive(Debug, Clone)]
pub(crate) struct Random(SplitMix);

impl Random {
    /// The stream that belongs to `parts`, in this order: the same parts give the same stream.
    pub(crate) fn of(parts: &[u64]) -> Self {
        let seed = parts.iter().fold(0, |seed: u64, part| {
            SplitMix::new(seed).next_u64().wrapping_add(*part)
        });
        Self(SplitMix::new(seed))
    }

    /// A number from 0 to `end - 1`; 0 when `end` is 0. The bias is below `end / 2^64`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.0.next_u64()) * end as u128) >> 64) as usize
    }

    /// Yes or no with equal chance.
    pub(crate) fn coin(&mut self) -> bool {
        self.0.next_u64() >> 63 == 1
    }

    /// A random order of `0..count` (Fisher and Yates).
    pub(crate) fn order(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        for last in (1..count).rev() {
            order.swap(last, self.below(last + 1));
        }
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_below_the_end_and_reach_all_of_it() {
        let mut random = Random::of(&[7]);
        let mut seen = [0_usize; 5];
        for _ in 0..1000 {
            seen[random.below(5)] += 1;
        }
        assert!(
            seen.iter().all(|count| (140..260).contains(count)),
            "{seen:?}"
        );
    }

    #[test]
    fn an_order_holds_every_index_once_and_depends_on_its_parts() {
        let order = Random::of(&[1, 2]).order(50);
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..50).collect::<Vec<_>>());
        assert_eq!(order, Random::of(&[1, 2]).order(50));
        assert_ne!(order, Random::of(&[2, 1]).order(50));
    }
}

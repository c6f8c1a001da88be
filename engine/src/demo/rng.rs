//! Random numbers and noise that are the same on every machine: integer mixing, then exact f32.

/// A stream of random numbers (SplitMix64, Steele and others 2014).
pub(super) struct Rng(u64);

impl Rng {
    /// A stream that depends on nothing but `seed`.
    pub(super) fn new(seed: u64) -> Self {
        Self(seed ^ 0x5EED_A720_05C3_11E5)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A seed for [`hash`] and [`noise`].
    pub(super) fn seed(&mut self) -> u32 {
        (self.next() >> 32) as u32
    }

    /// In `0.0..1.0`.
    pub(super) fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1u32 << 24) as f32
    }

    /// In `low..high`.
    pub(super) fn range(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// In `low..=high`.
    pub(super) fn count(&mut self, low: u32, high: u32) -> u32 {
        low + (self.next() % u64::from(high - low + 1)) as u32
    }

    /// True once in `1 / probability` calls.
    pub(super) fn chance(&mut self, probability: f32) -> bool {
        self.unit() < probability
    }

    /// -1 or 1.
    pub(super) fn sign(&mut self) -> f32 {
        if self.chance(0.5) { -1.0 } else { 1.0 }
    }

    /// One of `choices`, which must not be empty.
    pub(super) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[(self.next() % choices.len() as u64) as usize]
    }
}

/// Mixes a seed and a grid cell into 32 well spread bits.
pub(super) fn mix(seed: u32, x: i32, y: i32) -> u32 {
    let mut h = seed ^ (x as u32).wrapping_mul(0x85EB_CA6B) ^ (y as u32).wrapping_mul(0xC2B2_AE35);
    h = (h ^ (h >> 16)).wrapping_mul(0x7FEB_352D);
    h = (h ^ (h >> 15)).wrapping_mul(0x846C_A68B);
    h ^ (h >> 16)
}

/// A value in `0.0..1.0` for a grid cell.
pub(super) fn hash(seed: u32, x: i32, y: i32) -> f32 {
    (mix(seed, x, y) >> 8) as f32 / (1u32 << 24) as f32
}

/// Smooth value noise in `0.0..1.0`, one bump a unit.
pub(super) fn noise(seed: u32, x: f32, y: f32) -> f32 {
    let (column, row) = (x.floor(), y.floor());
    let (u, v) = (smooth(x - column), smooth(y - row));
    let (column, row) = (column as i32, row as i32);
    let top = hash(seed, column, row) * (1.0 - u) + hash(seed, column + 1, row) * u;
    let bottom = hash(seed, column, row + 1) * (1.0 - u) + hash(seed, column + 1, row + 1) * u;
    top * (1.0 - v) + bottom * v
}

/// Four octaves of [`noise`], in `0.0..1.0`.
pub(super) fn clouds(seed: u32, x: f32, y: f32) -> f32 {
    let mut sum = 0.0;
    let (mut scale, mut weight) = (1.0, 0.5);
    for octave in 0..4 {
        sum += weight * noise(seed.wrapping_add(octave), x * scale, y * scale);
        scale *= 2.03;
        weight *= 0.5;
    }
    sum / 0.9375
}

/// The cubic step from 0 to 1 over `t` in `0..=1`.
pub(super) fn smooth(t: f32) -> f32 {
    let t = t.clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// A square wave with period 1 that is 1 for `duty` of it, averaged over `width` around `t`.
///
/// The average is exact, so that far-away windows and paving fade to their mean instead of flickering.
pub(super) fn pulse(t: f32, duty: f32, width: f32) -> f32 {
    let area = |t: f32| {
        let whole = t.floor();
        whole * duty + (t - whole).min(duty)
    };
    let start = t - (1.0 - duty) * 0.5;
    let half = width.max(1e-3) * 0.5;
    ((area(start + half) - area(start - half)) / (2.0 * half)).clamp(0.0, 1.0)
}

//! Numbers that are the same on every device and in every version of burn.

/// Steele, Lea and Flood's SplitMix64 (2014): one stream per seed.
#[derive(Debug, Clone)]
pub struct SplitMix(u64);

impl SplitMix {
    /// The stream of `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The stream of a name under a seed, so that a variable's values hang on nothing else
    /// (FNV-1a over the name's bytes).
    pub fn named(seed: u64, name: &str) -> Self {
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let mut of_seed = Self(seed);
        Self(hash ^ of_seed.next_u64())
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = self.0;
        let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in [0, 1), a multiple of 2^-53.
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Standard normal (Box and Muller, 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// Standard normal, drawn again while it lies beyond two deviations: TensorFlow's truncation.
    pub fn truncated_normal(&mut self) -> f64 {
        loop {
            let value = self.normal();
            if value.abs() <= 2.0 {
                return value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_published_stream() {
        let mut stream = SplitMix::new(0x0b63_9c4b_f1ae_719b);
        let drawn = [stream.next_u64(), stream.next_u64(), stream.next_u64()];
        let expected = [
            0x05b5_67f4_92b8_5269,
            0xfbe2_c13c_d7b4_c92e,
            0xb83d_9b2b_bcec_39a0,
        ];
        assert_eq!(drawn, expected);
    }

    #[test]
    fn truncated_normal_has_the_moments_it_should() {
        let mut stream = SplitMix::named(1, "moments");
        let values: Vec<f64> = (0..40_000).map(|_| stream.truncated_normal()).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let variance = values.iter().map(|v| v * v).sum::<f64>() / values.len() as f64;
        assert!(values.iter().all(|v| v.abs() <= 2.0));
        assert!(mean.abs() < 0.02, "{mean}");
        // Of a normal cut at two deviations: 1 - 4 pdf(2) / (cdf(2) - cdf(-2)).
        assert!((variance - 0.7737).abs() < 0.02, "{variance}");
    }
}

//! How likely a colour is among others: a mixture of Gaussians.

/// How many Gaussians; the paper takes 5.
const PARTS: usize = 5;

/// Rounds of moving colours between the parts.
const ROUNDS: usize = 6;

/// Added to each variance: bytes are rounded, and a part of one colour is no infinite peak.
const LEAST_VARIANCE: f64 = 1.0;

/// More colours than these teach nothing new.
const SAMPLES: usize = 20_000;

/// Several Gaussians that share some colours among them.
pub(super) struct Mixture {
    parts: Vec<Gaussian>,
}

struct Gaussian {
    mean: [f64; 3],
    /// The inverse of the covariance: xx, xy, xz, yy, yz, zz.
    inverse: [f64; 6],
    /// Minus the logarithm of its share and its height.
    base: f64,
}

impl Mixture {
    /// Fits a mixture to colours; `None` without any. Equal colours give equal mixtures.
    pub(super) fn fit(colors: &[[f32; 3]]) -> Option<Self> {
        let step = colors.len().div_ceil(SAMPLES).max(1);
        let colors: Vec<[f32; 3]> = colors.iter().copied().step_by(step).collect();
        if colors.is_empty() {
            return None;
        }
        let mut means = spread(&colors);
        let mut nearest = vec![0; colors.len()];
        for _ in 0..ROUNDS {
            for (nearest, color) in nearest.iter_mut().zip(&colors) {
                let away = |mean: &[f32; 3]| super::squared(*mean, *color);
                let parts = means.iter().enumerate();
                let best = parts.min_by(|(_, a), (_, b)| away(a).total_cmp(&away(b)));
                *nearest = best.map_or(0, |(part, _)| part);
            }
            for (part, mean) in means.iter_mut().enumerate() {
                let mine = colors.iter().zip(&nearest).filter(|(_, of)| **of == part);
                let (sum, count) = mine.fold(([0.0; 3], 0), |(sum, count), (color, _)| {
                    (
                        [0, 1, 2].map(|channel| sum[channel] + color[channel]),
                        count + 1,
                    )
                });
                if count > 0 {
                    *mean = sum.map(|sum: f32| sum / count as f32);
                }
            }
        }
        let part = |part: usize| {
            let mine = colors.iter().zip(&nearest).filter(|(_, of)| **of == part);
            let mine: Vec<[f64; 3]> = mine.map(|(color, _)| color.map(f64::from)).collect();
            Gaussian::fit(&mine, colors.len())
        };
        Some(Self {
            parts: (0..means.len()).filter_map(part).collect(),
        })
    }

    /// Minus the logarithm of how likely a colour is.
    pub(super) fn cost(&self, color: [f32; 3]) -> f32 {
        let costs = self
            .parts
            .iter()
            .map(|part| part.cost(color.map(f64::from)));
        let costs: Vec<f64> = costs.collect();
        let least = costs.iter().copied().fold(f64::INFINITY, f64::min);
        let sum: f64 = costs.iter().map(|cost| (least - cost).exp()).sum();
        (least - sum.ln()) as f32
    }
}

/// Colours to begin with: the darkest to the lightest, evenly.
fn spread(colors: &[[f32; 3]]) -> Vec<[f32; 3]> {
    let mut ordered = colors.to_vec();
    let light = |color: &[f32; 3]| color.iter().sum::<f32>();
    ordered.sort_by(|a, b| light(a).total_cmp(&light(b)));
    let at = |part: usize| ordered[(2 * part + 1) * ordered.len() / (2 * PARTS)];
    (0..PARTS).map(at).collect()
}

impl Gaussian {
    /// The Gaussian of some of `all` colours.
    fn fit(colors: &[[f64; 3]], all: usize) -> Option<Self> {
        if colors.is_empty() {
            return None;
        }
        let count = colors.len() as f64;
        let mean = [0, 1, 2].map(|at| colors.iter().map(|color| color[at]).sum::<f64>() / count);
        let pairs = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)];
        let [xx, xy, xz, yy, yz, zz] = pairs.map(|(a, b)| {
            let products = colors
                .iter()
                .map(|color| (color[a] - mean[a]) * (color[b] - mean[b]));
            products.sum::<f64>() / count + if a == b { LEAST_VARIANCE } else { 0.0 }
        });
        // The inverse by cofactors; the least variance keeps the determinant above 1.
        let minors = [
            yy * zz - yz * yz,
            xz * yz - xy * zz,
            xy * yz - xz * yy,
            xx * zz - xz * xz,
            xy * xz - xx * yz,
            xx * yy - xy * xy,
        ];
        let determinant = (xx * minors[0] + xy * minors[1] + xz * minors[2]).max(f64::MIN_POSITIVE);
        let height = 0.5 * (determinant.ln() + 3.0 * std::f64::consts::TAU.ln());
        Some(Self {
            mean,
            inverse: minors.map(|minor| minor / determinant),
            base: height - (count / all as f64).ln(),
        })
    }

    fn cost(&self, color: [f64; 3]) -> f64 {
        let [x, y, z] = [0, 1, 2].map(|at| color[at] - self.mean[at]);
        let [xx, xy, xz, yy, yz, zz] = self.inverse;
        let squared = xx * x * x + yy * y * y + zz * z * z;
        let mixed = xy * x * y + xz * x * z + yz * y * z;
        self.base + 0.5 * squared + mixed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gaussian_has_its_known_density() {
        // Two of each corner of a cube with side 2: variances of 1, and 1 for rounding.
        let corners: Vec<[f32; 3]> = (0..16)
            .map(|at| [1, 2, 4].map(|bit| if at & bit == 0 { 9.0 } else { 11.0 }))
            .collect();
        let colors = corners
            .iter()
            .map(|color| color.map(f64::from))
            .collect::<Vec<_>>();
        let found = Gaussian::fit(&colors, 32).unwrap().cost([10.0, 10.0, 12.0]);
        let height = 0.5 * (3.0 * (std::f64::consts::TAU * 2.0).ln());
        let expected = height + 0.5 * 4.0 / 2.0 - 0.5_f64.ln();
        assert!((found - expected).abs() < 1e-9, "{found} {expected}");
    }

    #[test]
    fn colours_seen_are_likelier_than_others() {
        let colors: Vec<[f32; 3]> = (0..900)
            .map(|at| {
                let noise = (at * 7 % 13) as f32;
                if at % 3 == 0 {
                    [200.0 + noise, 30.0, 30.0]
                } else {
                    [20.0, 90.0 + noise, 60.0]
                }
            })
            .collect();
        let mixture = Mixture::fit(&colors).unwrap();
        let seen = mixture
            .cost([24.0, 95.0, 60.0])
            .max(mixture.cost([205.0, 30.0, 31.0]));
        assert!(seen + 5.0 < mixture.cost([120.0, 60.0, 45.0]));
        assert!(Mixture::fit(&[]).is_none());
        assert!(
            Mixture::fit(&[[3.0; 3]])
                .unwrap()
                .cost([3.0; 3])
                .is_finite()
        );
    }
}

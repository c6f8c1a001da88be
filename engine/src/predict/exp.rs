//! The exponential function, simple enough for the compiler to do many at once.

/// e to the power of `x`, for `x` from -87 to 0, within a relative error of 1e-5; smaller `x`
/// count as -87.
///
/// Splits x * log2(e) into a whole number, added to the float's exponent, and a rest within a half,
/// whose power of two is a polynomial (its Taylor series).
#[inline(always)]
pub(super) fn exp_of_negative(x: f32) -> f32 {
    /// 1.5 * 2^23: adding it rounds to a whole number, which then stands in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    let power = x.max(-87.0) * std::f32::consts::LOG2_E;
    let shifted = power + ROUND;
    let rest = power - (shifted - ROUND);
    let mut series = 0.001_333_355_8;
    series = series * rest + 0.009_618_129;
    series = series * rest + 0.055_504_11;
    series = series * rest + 0.240_226_5;
    series = series * rest + std::f32::consts::LN_2;
    series = series * rest + 1.0;
    f32::from_bits(series.to_bits().wrapping_add(shifted.to_bits() << 23))
}

#[cfg(test)]
mod tests {
    use super::exp_of_negative;

    #[test]
    fn is_close_to_the_exact_function() {
        for step in 0..=87_000 {
            let x = -(step as f32) / 1000.0;
            let (found, exact) = (f64::from(exp_of_negative(x)), f64::from(x).exp());
            assert!((found / exact - 1.0).abs() < 1e-5, "{x}: {found} {exact}");
        }
        assert_eq!(exp_of_negative(0.0), 1.0);
        assert!(exp_of_negative(-1e30) < 1e-37);
        assert!(exp_of_negative(f32::NEG_INFINITY) < 1e-37);
    }
}

//! Hard pixel mining: only the pixels with the largest losses count.

use super::loss::LossOptions;

/// The part of the pixels that counts at `step`: from 1 down to `top_k_percent_pixels`, linearly
/// over `hard_example_mining_step` steps.
pub(super) fn share(options: &LossOptions, step: u64) -> f32 {
    let over = options.hard_example_mining_step;
    let ratio = if over == 0 {
        1.0
    } else {
        (step as f32 / over as f32).min(1.0)
    };
    ratio * options.top_k_percent_pixels + (1.0 - ratio)
}

/// Sets the weights of all but the hardest `share` of the pixels to 0, and divides the others by
/// the number of kept pixels that have a loss.
///
/// `losses` are the weighted ones. The number kept is a share of all pixels, void ones too, as in
/// the original. Where losses are equal at the border, the first ones are kept, as `tf.nn.top_k` does.
pub(super) fn keep_hardest(weights: &mut [f32], losses: &[f32], share: f32) {
    let keep = ((losses.len() as f32 * share) as usize).min(losses.len());
    if keep == 0 {
        weights.fill(0.0);
        return;
    }
    let mut sorted = losses.to_vec();
    let (above, border, _) = sorted.select_nth_unstable_by(keep - 1, |a, b| b.total_cmp(a));
    let border = *border;
    let mut ties = keep - above.iter().filter(|loss| **loss > border).count();
    let mut with_loss = 0_usize;
    for (weight, loss) in weights.iter_mut().zip(losses) {
        let tie = *loss == border && ties > 0;
        ties -= usize::from(tie);
        if *loss > border || tie {
            with_loss += usize::from(*loss != 0.0);
        } else {
            *weight = 0.0;
        }
    }
    let divisor = with_loss.max(1) as f32;
    weights.iter_mut().for_each(|weight| *weight /= divisor);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_falls_linearly_to_its_end() {
        let options = LossOptions {
            top_k_percent_pixels: 0.25,
            hard_example_mining_step: 10,
            ..LossOptions::default()
        };
        assert_eq!(share(&options, 0), 1.0);
        assert!((share(&options, 5) - 0.625).abs() < 1e-6);
        assert_eq!(share(&options, 10), 0.25);
        assert_eq!(share(&options, 99), 0.25);
        assert_eq!(
            share(
                &LossOptions {
                    hard_example_mining_step: 0,
                    ..options
                },
                0
            ),
            0.25
        );
    }

    #[test]
    fn the_first_of_equal_losses_are_kept_and_void_counts_as_a_pixel() {
        let mut weights = vec![1.0, 1.0, 0.0, 2.0, 1.0, 1.0];
        keep_hardest(&mut weights, &[0.5, 3.0, 0.0, 4.0, 0.5, 0.5], 0.5);
        assert_eq!(weights, [1.0 / 3.0, 1.0 / 3.0, 0.0, 2.0 / 3.0, 0.0, 0.0]);
    }

    #[test]
    fn kept_pixels_without_a_loss_are_not_counted() {
        let mut weights = vec![1.0, 0.0, 0.0, 0.0];
        keep_hardest(&mut weights, &[2.0, 0.0, 0.0, 0.0], 1.0);
        assert_eq!(weights, [1.0, 0.0, 0.0, 0.0]);
    }
}

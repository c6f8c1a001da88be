//! What each piece of evidence counts.
//!
//! Learned by logistic regression from strokes and clicks of a steady hand on 61 images (40 of PASCAL
//! VOC's validation list, 21 training frames of CamVid): on the largest areas that a published
//! network's prediction had wrong, and that were still wrong after 5 and 14 strokes of a brush. No
//! image that the gestures of `BENCHMARKS.md` are counted on was among them.

/// What a node's evidence counts, each as a part of the logarithm of its odds.
#[derive(Debug)]
pub(super) struct Weights {
    /// What speaks for every node.
    pub(super) bias: f32,
    /// The part of the stroke that has the node's label.
    pub(super) same_label: f32,
    /// The squared distance in L*a*b* to the nearest colour of the stroke, in units of 400, 4 at most.
    pub(super) color: f32,
    /// The logarithm of the length of the way along which colours change least.
    pub(super) way: f32,
    /// The same length against the distance.
    pub(super) contrast: f32,
    /// The logarithm of the distance from the stroke, in nodes.
    pub(super) away: f32,
    /// That distance in radii of the stroke, 6 at most.
    pub(super) radii_away: f32,
    /// The logarithm of the radius of the stroke, in nodes.
    pub(super) radius: f32,
    /// The logarithm of the distance to the nearest node that has the class.
    pub(super) to_class: f32,
    /// By how much further that is than it is from the stroke, as logarithm.
    pub(super) further_from_class: f32,
    /// The logarithm of the distance to the nearest border between labels.
    pub(super) to_border: f32,
    /// How much better the colour fits the class than the label, as log-odds.
    pub(super) color_odds: f32,
    /// How unlike the network's opinion is to that of the stroke, as logarithm.
    pub(super) opinion: f32,
    /// How much more probable the class is than the label, as log-odds.
    pub(super) change: f32,
    /// How much more probable the class is than in the stroke, as logarithm.
    pub(super) class: f32,
    /// How much larger `change` is than in the stroke.
    pub(super) more_change: f32,
    /// The probability of the most probable class.
    pub(super) confidence: f32,
}

/// With a network's opinion.
pub(super) const WITH_NETWORK: Weights = Weights {
    bias: 5.278,
    same_label: 1.486,
    color: -0.137,
    way: -1.079,
    contrast: 0.432,
    away: -1.745,
    radii_away: 0.332,
    radius: -0.283,
    to_class: 0.03,
    further_from_class: -0.887,
    to_border: -0.488,
    color_odds: 0.345,
    opinion: 0.014,
    change: 0.024,
    class: 0.359,
    more_change: 0.049,
    confidence: -2.569,
};

/// Without one.
pub(super) const WITHOUT_NETWORK: Weights = Weights {
    bias: 3.788,
    same_label: 1.834,
    color: -0.141,
    way: -0.996,
    contrast: 0.39,
    away: -1.874,
    radii_away: 0.369,
    radius: -0.359,
    to_class: 0.066,
    further_from_class: -1.423,
    to_border: -0.968,
    color_odds: 0.371,
    opinion: 0.0,
    change: 0.0,
    class: 0.0,
    more_change: 0.0,
    confidence: 0.0,
};

//! What speaks for each node to be inside.

use rayon::prelude::*;

use super::blank::{mean, overlap};
use super::ways::Ways;
use super::weights::{self, Weights};
use super::{Mark, squared};
use crate::mask::coarse::Coarse;
use crate::predict::Probabilities;

/// Marks of a stroke whose colour and network's opinion are remembered, at most.
const LOOKS: usize = 12;

/// Marks of a stroke that distances are taken to, at most: more lie within each other.
const PLACES: usize = 64;

/// Distances beyond this many nodes are all the same.
const FAR: f32 = 200.0;

/// Squared distances in L*a*b* are counted in these, up to four of them.
const COLOR_UNIT: f32 = 400.0;

/// Steps along each axis of L*a*b* that colours are counted in.
const TONES: usize = 12;

/// Classes with fewer nodes than this have no colours that are typical of them.
const TYPICAL: f32 = 50.0;

/// So many kinds of colour are taken to be in an image.
const KINDS: f32 = 400.0;

/// Odds of colours beyond this many to one, as logarithm, are not believed.
const MOST_ODDS: f32 = 4.0;

/// What image, labels and network say of each node, whatever is clicked.
pub(super) struct Evidence<'a> {
    coarse: &'a Coarse,
    /// The label of each node before the click.
    labels: Vec<u8>,
    lab: Vec<[f32; 3]>,
    /// Ways that get long where the colour changes.
    ways: Ways,
    /// How far it is to a node that has the class.
    to_class: Vec<f32>,
    /// How far it is to a border between labels.
    to_border: Vec<f32>,
    /// How much better a node's colour fits its new class than its old one, as log-odds.
    odds: Vec<f32>,
    network: Option<Network<'a>>,
}

/// What the network says of each node.
struct Network<'a> {
    probabilities: &'a Probabilities,
    /// The logarithm of the new class's probability.
    class: Vec<f32>,
    /// How much more probable the new class is than the old one, as log-odds.
    change: Vec<f32>,
    /// The probability of the most probable class.
    confidence: Vec<f32>,
}

impl<'a> Evidence<'a> {
    pub(super) fn new(
        coarse: &'a Coarse,
        labels: Vec<u8>,
        class: u8,
        probabilities: Option<&'a Probabilities>,
    ) -> Self {
        let lab = coarse.lab();
        let [rows, columns] = coarse.nodes;
        let border = |node: usize| {
            let differs = |other: usize| labels[other] != labels[node];
            let column = node % columns;
            column > 0 && differs(node - 1)
                || column + 1 < columns && differs(node + 1)
                || node >= columns && differs(node - columns)
                || node + columns < rows * columns && differs(node + columns)
        };
        let even = Ways::new(coarse.nodes, |_, _| 1.0);
        let (to_class, to_border) = rayon::join(
            || even.lengths(|node| labels[node] == class),
            || even.lengths(border),
        );
        Self {
            ways: over_colors(coarse, &lab),
            to_class,
            to_border: to_border.iter().map(|length| length + 0.5).collect(),
            odds: color_odds(&lab, &labels, class),
            network: probabilities
                .map(|probabilities| Network::new(coarse, &labels, class, probabilities)),
            coarse,
            labels,
            lab,
        }
    }

    /// The chance of each node to be inside, given marks that are: of all of which one at least lies
    /// on the grid.
    pub(super) fn chances(&self, marks: &[Mark]) -> Vec<f32> {
        let stroke = Stroke::new(self, marks);
        let weights = if self.network.is_some() {
            &weights::WITH_NETWORK
        } else {
            &weights::WITHOUT_NETWORK
        };
        let count = self.labels.len();
        let scores = (0..count).into_par_iter();
        let scores = scores.map(|node| self.score(node, &stroke, weights));
        scores.map(|score| 1.0 / (1.0 + (-score).exp())).collect()
    }

    fn score(&self, node: usize, stroke: &Stroke, weights: &Weights) -> f32 {
        let away = stroke.distance(node, self.coarse.nodes[1]);
        let colors = stroke.colors.iter();
        let color = colors.map(|color| squared(self.lab[node], *color));
        let color = color.fold(4.0 * COLOR_UNIT, f32::min) / COLOR_UNIT;
        let way = stroke.ways[node];
        let to_class = self.to_class[node].min(FAR);
        let to_border = self.to_border[node].min(FAR);
        let further = ((1.0 + to_class) / (1.0 + stroke.to_class)).ln().max(0.0);
        let sum = weights.bias
            + weights.same_label * stroke.share[usize::from(self.labels[node])]
            + weights.color * color
            + weights.way * way.ln_1p()
            + weights.contrast * way / (1.0 + away)
            + weights.away * away.ln_1p()
            + weights.radii_away * (away / (1.0 + stroke.radius)).min(6.0)
            + weights.radius * stroke.radius.ln_1p()
            + weights.to_class * to_class.ln_1p()
            + weights.further_from_class * further
            + weights.to_border * to_border.ln_1p()
            + weights.color_odds * self.odds[node];
        let Some(network) = &self.network else {
            return sum;
        };
        let (class, change) = (network.class[node], network.change[node]);
        sum + weights.opinion * -log(stroke.overlap[node])
            + weights.change * change
            + weights.class * (class - stroke.class)
            + weights.more_change * (change - stroke.change)
            + weights.confidence * network.confidence[node]
    }
}

impl<'a> Network<'a> {
    fn new(coarse: &Coarse, labels: &[u8], class: u8, probabilities: &'a Probabilities) -> Self {
        let (part, nodes) = (coarse.part, coarse.nodes);
        let of_class = |cell: &[f32]| cell.get(usize::from(class)).copied().unwrap_or(0.0);
        let largest = |cell: &[f32]| cell.iter().copied().fold(0.0, f32::max);
        let class: Vec<f32> = probabilities.field(part, nodes, of_class);
        let class: Vec<f32> = class.into_par_iter().map(log).collect();
        let labels = probabilities.of_each(part, nodes, labels);
        let change = class.par_iter().zip(labels);
        Self {
            change: change.map(|(class, label)| class - log(label)).collect(),
            confidence: probabilities.field(part, nodes, largest),
            class,
            probabilities,
        }
    }
}

/// What the marks say.
struct Stroke {
    /// Rows and columns of marks, and how far around them is certain, in nodes.
    places: Vec<[f32; 3]>,
    /// The largest mark's radius, in nodes.
    radius: f32,
    colors: Vec<[f32; 3]>,
    /// The part of the stroke that has each label.
    share: [f32; 256],
    /// The length of the way to each node.
    ways: Vec<f32>,
    /// How far from the class the stroke gets.
    to_class: f32,
    /// How much the network's opinion of each node is like that of the stroke; empty without one.
    overlap: Vec<f32>,
    /// The means of the network's figures over the stroke.
    class: f32,
    change: f32,
}

impl Stroke {
    fn new(evidence: &Evidence<'_>, marks: &[Mark]) -> Self {
        let coarse = evidence.coarse;
        let scale = coarse.nodes[0] as f32 / coarse.part.height.max(1) as f32;
        let place = |mark: &Mark| {
            let [row, column] = coarse.place(mark.at);
            [row, column, mark.radius * scale]
        };
        let mut covered = vec![false; evidence.labels.len()];
        for node in marks
            .iter()
            .flat_map(|mark| coarse.disc(mark.at, mark.radius))
        {
            covered[node] = true;
        }
        let seeds: Vec<usize> = (0..covered.len()).filter(|node| covered[*node]).collect();
        let part = 1.0 / seeds.len().max(1) as f32;
        let mut share = [0.0; 256];
        for seed in &seeds {
            share[usize::from(evidence.labels[*seed])] += part;
        }
        let over_seeds = |values: &[f32]| seeds.iter().map(|seed| values[*seed] * part).sum();
        let looks = || marks.iter().step_by(marks.len().div_ceil(LOOKS).max(1));
        let color = |mark: &Mark| mean(&evidence.lab, &coarse.disc(mark.at, mark.radius));
        let network = evidence.network.as_ref();
        let to_class = seeds.iter().map(|seed| evidence.to_class[*seed]);
        Self {
            places: marks
                .iter()
                .step_by(marks.len().div_ceil(PLACES).max(1))
                .map(place)
                .collect(),
            radius: marks
                .iter()
                .map(|mark| mark.radius * scale)
                .fold(0.0, f32::max),
            colors: looks().filter_map(color).collect(),
            share,
            ways: evidence.ways.lengths(|node| covered[node]),
            to_class: to_class.fold(0.0, f32::max).min(FAR),
            overlap: network.map_or_else(Vec::new, |network| network.overlap(coarse, looks())),
            class: network.map_or(0.0, |network| over_seeds(&network.class)),
            change: network.map_or(0.0, |network| over_seeds(&network.change)),
        }
    }

    /// How far a node is from what is certain, in nodes.
    fn distance(&self, node: usize, columns: usize) -> f32 {
        let (row, column) = (node / columns, node % columns);
        let (row, column) = (row as f32 + 0.5, column as f32 + 0.5);
        let places = self.places.iter();
        let distances = places.map(|[r, c, radius]| {
            let (down, across) = (row - r, column - c);
            (down * down + across * across).sqrt() - radius
        });
        distances.fold(f32::INFINITY, f32::min).max(0.0)
    }
}

impl Network<'_> {
    /// How much the opinion of each node overlaps with that of the most alike of some marks, 0 to 1.
    fn overlap<'m>(&self, coarse: &Coarse, marks: impl Iterator<Item = &'m Mark>) -> Vec<f32> {
        let opinions: Vec<Vec<f32>> = marks.map(|mark| self.probabilities.at(mark.at)).collect();
        let largest = |cell: &[f32]| {
            let overlaps = opinions.iter().map(|opinion| overlap(cell, opinion));
            overlaps.fold(0.0, f32::max)
        };
        self.probabilities.field(coarse.part, coarse.nodes, largest)
    }
}

/// Ways whose steps are long where the colour changes more than it does elsewhere in the image.
fn over_colors(coarse: &Coarse, lab: &[[f32; 3]]) -> Ways {
    let differs = |a: usize, b: usize| squared(lab[a], lab[b]).sqrt();
    let [rows, columns] = coarse.nodes;
    let mut sum = 0.0_f64;
    for node in 0..rows * columns {
        if !(node + 1).is_multiple_of(columns) {
            sum += f64::from(differs(node, node + 1));
        }
        if node + columns < rows * columns {
            sum += f64::from(differs(node, node + columns));
        }
    }
    let mean = (sum / (2 * rows * columns).max(1) as f64).max(0.5) as f32;
    Ways::new(coarse.nodes, |a, b| {
        0.05 + (differs(a, b) / mean - 0.5).max(0.0)
    })
}

/// How much better each node's colour fits a class than it fits its own label, by the colours that
/// both have in this image, as log-odds.
fn color_odds(lab: &[[f32; 3]], labels: &[u8], class: u8) -> Vec<f32> {
    let tones: Vec<usize> = lab.par_iter().map(|color| tone(*color)).collect();
    let mut counts = vec![Vec::new(); 256];
    let mut totals = [0.0_f32; 256];
    for (tone, label) in tones.iter().zip(labels) {
        let counts: &mut Vec<f32> = &mut counts[usize::from(*label)];
        counts.resize(TONES.pow(3), 0.0);
        counts[*tone] += 1.0;
        totals[usize::from(*label)] += 1.0;
    }
    // A colour that was not seen is not impossible.
    let unseen = 0.2;
    let density = |label: u8, tone: usize| {
        let total = totals[usize::from(label)];
        if total < TYPICAL {
            1.0 / KINDS
        } else {
            (counts[usize::from(label)][tone] + unseen) / (total + unseen * KINDS)
        }
    };
    let odds = tones.iter().zip(labels).map(|(tone, label)| {
        let odds = (density(class, *tone) / density(*label, *tone)).ln();
        odds.clamp(-MOST_ODDS, MOST_ODDS)
    });
    odds.collect()
}

/// Which of the colours that are told apart this one is.
fn tone([lightness, a, b]: [f32; 3]) -> usize {
    let step = |value: f32| (value / 10.1).clamp(0.0, TONES as f32 - 1.0) as usize;
    (step(lightness) * TONES + step(a + 60.0)) * TONES + step(b + 60.0)
}

/// A logarithm that stays within reason for what is impossible.
fn log(probability: f32) -> f32 {
    (probability + 0.01).ln()
}

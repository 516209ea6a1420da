//! In which order are providers tried that all serve a model?

use super::{Branch, Candidate, Node, Rank, Taste};
use uuid::Uuid;

/// By priority. Within equal priorities one is drawn by weight, then one of the rest, and so on; where the taste tells
/// them apart, by that. Who the conversation went to before comes first among its equals.
///
/// The chance comes from the request's id, which is random: the same id makes the same plan.
pub(super) fn order(node: Node, taste: &Taste<'_>, draw: &mut Draw) -> Vec<Candidate> {
    let mut branches = match node {
        Node::One(candidate) => return vec![candidate],
        Node::Many(branches) => branches,
    };
    branches.sort_by_key(|branch| branch.priority);
    let mut out = Vec::with_capacity(branches.len());
    let mut rest = branches.into_iter().peekable();
    while let Some(first) = rest.next() {
        let priority = first.priority;
        let mut equals = vec![first];
        while let Some(next) = rest.next_if(|branch| branch.priority == priority) {
            equals.push(next);
        }
        among_equals(equals, taste, draw, &mut out);
    }
    out
}

fn among_equals(equals: Vec<Branch>, taste: &Taste<'_>, draw: &mut Draw, out: &mut Vec<Candidate>) {
    let is_alone = equals.len() == 1;
    let mut equals: Vec<(u64, Vec<Candidate>)> =
        equals.into_iter().map(|branch| (branch.weight, order(branch.node, taste, draw))).collect();
    equals.retain(|(_, candidates)| !candidates.is_empty());
    if is_alone {
        out.extend(equals.into_iter().flat_map(|(_, candidates)| candidates));
        return;
    }
    for first in 0..equals.len().saturating_sub(1) {
        let drawn = draw.by_weight(equals[first..].iter().map(|(weight, _)| *weight));
        equals[first..=first + drawn].rotate_right(1);
    }
    // Stable: who cannot be told apart stays as it was drawn.
    equals.sort_by_key(|(weight, candidates)| {
        let is_pinned = candidates.iter().any(|candidate| taste.is_pinned(candidate));
        (!is_pinned, candidates.first().map_or(u64::MAX, |first| taste.rank(first, *weight).1))
    });
    for (weight, mut candidates) in equals {
        for (place, candidate) in candidates.iter_mut().enumerate() {
            if taste.is_pinned(candidate) {
                candidate.rank = Rank::Sticky;
            } else if place == 0 && candidate.rank != Rank::Sticky {
                candidate.rank = taste.rank(candidate, weight).0;
            }
        }
        out.extend(candidates);
    }
}

/// SplitMix64: enough to share load, and needs nothing but a seed.
pub(super) struct Draw(u64);

impl Draw {
    pub(super) fn new(chance: Uuid) -> Self {
        Self(chance.as_u64_pair().1)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// An index, each as likely as its weight. One of weight zero only if nothing else is left.
    fn by_weight(&mut self, weights: impl Iterator<Item = u64> + Clone) -> usize {
        let total: u64 = weights.clone().sum();
        if total == 0 {
            return 0;
        }
        let mut at = self.next() % total;
        for (index, weight) in weights.enumerate() {
            if at < weight {
                return index;
            }
            at -= weight;
        }
        0
    }
}

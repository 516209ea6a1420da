//! In which order are providers tried that all serve a model?

use super::Candidate;
use uuid::Uuid;

/// By priority; within equal priorities one is drawn by weight, then one of the rest, and so on.
///
/// The chance comes from the request's id, which is random: the same id makes the same plan.
pub(super) fn order(mut candidates: Vec<Candidate>, chance: Uuid) -> Vec<Candidate> {
    candidates.sort_by_key(|c| c.provider.priority);
    let mut draw = Draw(chance.as_u64_pair().1);
    let mut from = 0;
    while from < candidates.len() {
        let priority = candidates[from].provider.priority;
        let to = from + candidates[from..].iter().take_while(|c| c.provider.priority == priority).count();
        for first in from..to.saturating_sub(1) {
            let drawn = draw.by_weight(candidates[first..to].iter().map(|c| u64::from(c.provider.weight)));
            candidates[first..=first + drawn].rotate_right(1);
        }
        from = to;
    }
    candidates
}

/// SplitMix64: enough to share load, and needs nothing but a seed.
struct Draw(u64);

impl Draw {
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

//! Why does a candidate have its place?

use super::Candidate;
use crate::route::health::Healths;
use proto::routing::Strategy;

/// By what equals of one priority are told apart, beside chance and weight.
pub(crate) struct Taste<'a> {
    pub strategy: Strategy,
    /// Where the conversation went last: [`Healths::key`].
    pub pinned: Option<u64>,
    pub healths: &'a Healths,
    /// What a request costs there, in nano-units of one currency. None: nobody knows.
    pub price: &'a (dyn Fn(&Candidate) -> Option<i64> + Send + Sync),
}

/// What put a candidate in its place among its equals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Rank {
    /// There was nobody to compare it with.
    #[default]
    Alone,
    /// Chance, by this weight.
    Drawn(u64),
    /// Milliseconds until it begins to answer, of late.
    Latency(Option<u64>),
    /// Nano-units that it costs at most.
    Cost(Option<i64>),
    /// Requests under way.
    Busy(u32),
    /// The conversation went there before.
    Sticky,
}

impl Taste<'_> {
    /// Chance and weight alone.
    pub(crate) const fn plain(healths: &Healths) -> Taste<'_> {
        Taste { strategy: Strategy::Weighted, pinned: None, healths, price: &|_| None }
    }

    pub(super) fn is_pinned(&self, candidate: &Candidate) -> bool {
        self.pinned.is_some_and(|pin| pin == self.healths.key(&candidate.provider.scope, &candidate.model))
    }

    /// What a candidate is judged by, and a number of which the least is best. A share of `weight` is allowed to be busier.
    pub(super) fn rank(&self, candidate: &Candidate, weight: u64) -> (Rank, u64) {
        match self.strategy {
            Strategy::Unspecified | Strategy::Weighted => (Rank::Drawn(weight), 0),
            Strategy::Latency => {
                let latency = candidate.health.latency().map(|l| u64::try_from(l.as_millis()).unwrap_or(u64::MAX));
                // Who is not known is tried, but not by everybody at once.
                let unknown = if candidate.health.under_way() == 0 { 0 } else { u64::MAX };
                (Rank::Latency(latency), latency.unwrap_or(unknown))
            }
            Strategy::Cost => {
                let cost = (self.price)(candidate);
                (Rank::Cost(cost), cost.map_or(u64::MAX, |cost| u64::try_from(cost).unwrap_or(0)))
            }
            Strategy::LeastBusy => {
                let busy = candidate.health.under_way();
                (Rank::Busy(busy), u64::from(busy).saturating_mul(1_000) / weight.max(1))
            }
        }
    }
}

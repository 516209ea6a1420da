//! After how many output tokens is a quota or budget used up?

use super::Price;
use crate::limit::{COST, Limit, Standing, TOKENS};

/// No model writes more.
const MOST: i64 = 1_000_000_000;

/// What is needed to say it.
pub(crate) struct Stop {
    pub input: i64,
    pub price: Price,
}

impl Stop {
    /// The largest output that what is left of every hard quota of tokens, and of every hard budget, pays for. None:
    /// nothing of that kind applies.
    pub fn after(&self, limits: &[Limit], standings: &[Standing]) -> Option<i64> {
        let after = |(limit, standing): (&Limit, &Standing)| {
            let quota = limit.quota().filter(|_| !limit.soft)?;
            // What is reserved for this attempt is its own.
            let left = limit.cost + (limit.limit - standing.used).max(0);
            match quota.resource.as_str() {
                TOKENS => Some((left - self.input).max(0)),
                COST => self.paid_by(left, &quota.currency),
                _ => None,
            }
        };
        limits.iter().zip(standings).filter_map(after).min()
    }

    /// Prices have steps, so the largest output is looked for. None: it costs nothing, however much it is.
    fn paid_by(&self, left: i64, currency: &str) -> Option<i64> {
        let fits = |output| self.price.of(self.input, output, currency).is_some_and(|cost| cost <= left);
        if fits(MOST) {
            return None;
        }
        let (mut fitting, mut beyond) = (0, MOST);
        while beyond - fitting > 1 {
            let middle = fitting.midpoint(beyond);
            if fits(middle) { fitting = middle } else { beyond = middle }
        }
        Some(fitting)
    }
}

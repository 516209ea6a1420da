//! What does an attempt cost at most, and what did it cost?

use crate::{
    event::Admitted,
    fold::Late,
    limit::{COST, Limit, Spent},
    price::{Bound, Prices, Subject},
    service::Inner,
    tokens,
    units::Used,
};
use chrono::{DateTime, Utc};
use proto::usage::Units;
use uuid::Uuid;

/// The price of one attempt.
#[derive(Clone)]
pub(crate) struct Price {
    prices: Prices,
    workspace: Uuid,
    provider_kind: String,
    model: String,
    credential_owner: String,
    /// When the request arrived.
    at: DateTime<Utc>,
    is_free: bool,
    /// What it may use at most beside tokens.
    asked: Units,
}

impl Inner {
    /// The price of a grant.
    pub fn price(&self, admitted: &Admitted) -> Price {
        Price {
            prices: self.prices.clone(),
            workspace: admitted.workspace.into(),
            provider_kind: admitted.provider_kind.clone(),
            model: admitted.model.clone(),
            credential_owner: admitted.credential_owner.clone(),
            at: DateTime::from_timestamp_micros(admitted.created_at).unwrap_or_default(),
            is_free: admitted.free,
            asked: admitted.units.clone().unwrap_or_default(),
        }
    }

    /// The price of a grant that is no longer open.
    pub fn price_of_late(&self, workspace: Uuid, late: &Late) -> Price {
        Price {
            prices: self.prices.clone(),
            workspace,
            provider_kind: late.provider_kind.clone(),
            model: late.model.clone(),
            credential_owner: late.credential_owner.clone(),
            at: late.created_at,
            is_free: false,
            asked: Units::default(),
        }
    }
}

impl Price {
    /// What so many tokens, and the units that were asked for, cost at most, in nano-units of `currency`. None: nobody knows.
    pub fn of(&self, input: i64, output: i64, currency: &str) -> Option<i64> {
        if self.is_free {
            return Some(0);
        }
        match self.prices.bound(self.subject(), input, output, &self.asked) {
            Bound::Free => Some(0),
            Bound::Nanos { cost, currency: of, .. } => self.prices.convert(cost, &of, currency, self.at),
            Bound::Unknown => None,
        }
    }

    /// What was really used of what `limits` count.
    pub fn spent(&self, limits: &[Limit], used: &Used) -> Spent {
        let mut spent = Spent { tokens: tokens::all(&used.tokens), cost: vec![] };
        let budgets = limits.iter().filter_map(Limit::quota).filter(|quota| quota.resource == COST);
        for currency in budgets.map(|quota| &quota.currency) {
            if spent.cost.iter().all(|(known, _)| known != currency)
                && let Some(nanos) = self.cost(used, currency)
            {
                spent.cost.push((currency.clone(), nanos));
            }
        }
        spent
    }

    fn cost(&self, used: &Used, currency: &str) -> Option<i64> {
        if self.is_free {
            return Some(0);
        }
        let rated = self.prices.rate(self.subject(), used)?;
        if rated.cost == 0 { Some(0) } else { self.prices.convert(rated.cost, &rated.currency, currency, self.at) }
    }

    fn subject(&self) -> Subject<'_> {
        Subject {
            workspace: self.workspace,
            provider_kind: &self.provider_kind,
            model: &self.model,
            credential_owner: &self.credential_owner,
            at: self.at,
        }
    }
}

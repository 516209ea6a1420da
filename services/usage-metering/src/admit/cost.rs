//! What does an attempt cost at most, and what did it cost?

use crate::{
    event::Admitted,
    fold::Late,
    limit::{COST, Limit, Spent},
    price::{Bound, Prices, Subject},
    service::Inner,
    tokens,
};
use chrono::{DateTime, Utc};
use proto::usage::Tokens;
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
        }
    }
}

impl Price {
    /// What so many tokens cost at most, in nano-units of `currency`. None: nobody knows.
    pub fn of(&self, input: i64, output: i64, currency: &str) -> Option<i64> {
        if self.is_free {
            return Some(0);
        }
        match self.prices.bound(self.subject(), input, output) {
            Bound::Free => Some(0),
            Bound::Nanos { cost, currency: of, .. } => self.prices.convert(cost, &of, currency, self.at),
            Bound::Unknown => None,
        }
    }

    /// What was really used of what `limits` count.
    pub fn spent(&self, limits: &[Limit], tokens: &Tokens) -> Spent {
        let mut spent = Spent { tokens: tokens::all(tokens), cost: vec![] };
        let budgets = limits.iter().filter_map(Limit::quota).filter(|quota| quota.resource == COST);
        for currency in budgets.map(|quota| &quota.currency) {
            if spent.cost.iter().all(|(known, _)| known != currency)
                && let Some(nanos) = self.cost(tokens, currency)
            {
                spent.cost.push((currency.clone(), nanos));
            }
        }
        spent
    }

    fn cost(&self, tokens: &Tokens, currency: &str) -> Option<i64> {
        if self.is_free {
            return Some(0);
        }
        let rated = self.prices.rate(self.subject(), tokens)?;
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

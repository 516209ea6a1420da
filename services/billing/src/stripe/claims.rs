//! What of a charge was given back, and what of it is disputed?

use super::{
    Stripe,
    api::Listed,
    is_charge,
    object::{Charge, Link, Returned, Session},
    requests,
};
use crate::payment::{Claims, Dispute, DisputeStatus, Received, Trouble};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use std::collections::BTreeSet;

/// A dispute.
#[derive(Deserialize)]
pub(super) struct Disputed {
    id: String,
    amount: i64,
    currency: String,
    status: String,
    reason: Option<String>,
    created: i64,
    charge: Option<Link>,
    evidence_details: Option<Evidence>,
    /// What it has moved in our account: the money goes, and may come back.
    #[serde(default)]
    balance_transactions: Vec<Moved>,
}

#[derive(Deserialize)]
struct Evidence {
    due_by: Option<i64>,
}

/// In the currency of our account there, which may be another one than that of the charge. Without Stripe's fee.
#[derive(Deserialize)]
struct Moved {
    amount: i64,
    currency: String,
}

impl Stripe {
    /// A charge as money that came, with what became of its refunds; None when none came.
    pub(super) async fn money(&self, charge: &Charge, session: Option<&str>) -> Result<Option<Received>, Trouble> {
        let Some(money) = charge.received(session)? else { return Ok(None) };
        let all: Vec<Returned> = self.api.all(|after| requests::refunds_of(&charge.id, after)).await?;
        let sum = |amounts: &dyn Fn(&Returned) -> i64| all.iter().map(amounts).sum::<i64>();
        // From one answer: the charge may have been read before a refund of it failed, or after that.
        let failed = sum(&Returned::failed);
        Ok(Some(Received { refunded: sum(&Returned::amount) - failed, refund_failed: failed, ..money }))
    }

    pub(super) async fn disputes_of(&self, charge: &Charge, session: Option<&str>) -> Result<Vec<Dispute>, Trouble> {
        if !charge.disputed {
            return Ok(vec![]);
        }
        let all: Vec<Disputed> = self.api.all(|after| requests::disputes_of(&charge.id, after)).await?;
        all.iter().map(|disputed| disputed.told(&charge.id, session)).collect()
    }

    /// [`crate::payment::Provider::claims`]
    pub(super) async fn claimed_between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Claims, Trouble> {
        let refunds: Vec<Returned> = self.api.all(|after| requests::refunds(from, to, after)).await?;
        let disputes: Vec<Disputed> = self.api.all(|after| requests::disputes(from, to, after)).await?;
        let returned = refunds.iter().filter_map(Returned::charge);
        let charges: BTreeSet<&str> = returned.chain(disputes.iter().filter_map(Disputed::charge)).collect();
        let mut claims = Claims::default();
        for id in charges {
            let charge: Charge = self.api.ask(&requests::charge(id), None).await?;
            let session = self.session_behind(&charge).await?;
            claims.received.extend(self.money(&charge, session.as_deref()).await?);
            claims.disputes.extend(self.disputes_of(&charge, session.as_deref()).await?);
        }
        Ok(claims)
    }

    /// The session of a charge that is ours: both have to say so.
    async fn session_behind(&self, charge: &Charge) -> Result<Option<String>, Trouble> {
        let Some((intent, payment)) = charge.intent().zip(charge.payment()) else { return Ok(None) };
        let found: Vec<Session> = self.api.first(&requests::session_of(intent)).await?;
        Ok(found.into_iter().find(|session| session.payment() == Some(payment)).map(|session| session.id))
    }
}

impl Disputed {
    fn charge(&self) -> Option<&str> {
        self.charge.as_ref().map(Link::name).filter(|id| is_charge(id))
    }

    /// Errors: [`Trouble::Unexpected`].
    fn told(&self, charge: &str, session: Option<&str>) -> Result<Dispute, Trouble> {
        let time = |seconds: i64| {
            let no_time = || Trouble::Unexpected(format!("the dispute {} was opened at no time", self.id));
            DateTime::from_timestamp(seconds, 0).ok_or_else(no_time)
        };
        let due_by = self.evidence_details.as_ref().and_then(|evidence| evidence.due_by);
        Ok(Dispute {
            reference: self.id.clone(),
            received: charge.to_owned(),
            paid: session.map(str::to_owned),
            amount: self.amount,
            currency: self.currency.to_ascii_uppercase(),
            status: self.status(),
            withdrawn: self.withdrawn(),
            reason: self.reason.clone().unwrap_or_default().chars().take(100).collect(),
            respond_by: due_by.filter(|at| *at > 0).map(time).transpose()?,
            at: time(self.created)?,
        })
    }

    fn status(&self) -> DisputeStatus {
        match self.status.as_str() {
            "warning_needs_response" | "warning_under_review" => DisputeStatus::Inquiry,
            "needs_response" => DisputeStatus::NeedsResponse,
            "under_review" => DisputeStatus::UnderReview,
            "won" | "warning_closed" | "prevented" => DisputeStatus::Won,
            "lost" => DisputeStatus::Lost,
            status => {
                tracing::warn!(
                    status,
                    "a dispute at Stripe has a status that is not known here; it counts as not ended"
                );
                DisputeStatus::UnderReview
            }
        }
    }

    /// What of it is gone now, in its own currency: where our account has another one, all of it or nothing is.
    fn withdrawn(&self) -> i64 {
        let gone = -self.balance_transactions.iter().map(|moved| moved.amount).sum::<i64>();
        let is_other = |moved: &Moved| !moved.currency.eq_ignore_ascii_case(&self.currency);
        match gone {
            ..=0 => 0,
            _ if self.balance_transactions.iter().any(is_other) => self.amount,
            gone => gone,
        }
    }
}

impl Listed for Disputed {
    fn id(&self) -> &str {
        &self.id
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn dispute(status: &str, moved: &[(i64, &str)]) -> Dispute {
        let moved: Vec<_> =
            moved.iter().map(|(amount, currency)| json!({ "amount": amount, "currency": currency })).collect();
        let disputed = json!({ "id": "dp_1", "amount": 500, "currency": "brl", "status": status, "created": 1_800_000_000,
            "charge": "ch_1", "reason": "fraudulent", "evidence_details": { "due_by": 1_800_500_000 },
            "balance_transactions": moved });
        serde_json::from_value::<Disputed>(disputed).unwrap().told("ch_1", None).unwrap()
    }

    #[test]
    fn every_status_is_known_and_a_new_one_is_not_an_end() {
        for (status, is) in [
            ("warning_needs_response", DisputeStatus::Inquiry),
            ("warning_under_review", DisputeStatus::Inquiry),
            ("warning_closed", DisputeStatus::Won),
            ("needs_response", DisputeStatus::NeedsResponse),
            ("under_review", DisputeStatus::UnderReview),
            ("won", DisputeStatus::Won),
            ("prevented", DisputeStatus::Won),
            ("lost", DisputeStatus::Lost),
            ("reopened", DisputeStatus::UnderReview),
        ] {
            assert_eq!(dispute(status, &[]).status, is, "{status}");
        }
    }

    #[test]
    fn what_is_gone_is_what_went_less_what_came_back() {
        for (moved, gone) in [
            (vec![], 0),
            (vec![(-500, "brl")], 500),
            (vec![(-500, "brl"), (500, "brl")], 0),
            (vec![(-500, "brl"), (200, "brl")], 300),
            (vec![(-90, "usd")], 500),
            (vec![(-90, "usd"), (91, "usd")], 0),
        ] {
            assert_eq!(dispute("under_review", &moved).withdrawn, gone, "{moved:?}");
        }
    }
}

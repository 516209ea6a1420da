//! How is money given back?

use super::{
    Stripe, is_charge, make,
    object::{Charge, Returned},
    requests,
};
use crate::payment::{Refund, RefundStatus, Trouble};

impl Stripe {
    /// [`crate::payment::Provider::refund`]. What was given back of the charge is looked at first: an idempotency key is
    /// forgotten after a day and repeats what was true in the beginning, and this may be asked again for weeks.
    pub(super) async fn give_back(&self, refund: &Refund) -> Result<RefundStatus, Trouble> {
        if !is_charge(&refund.received) {
            return Err(Trouble::Unknown);
        }
        // A refund is in the currency of the charge, whatever is asked for.
        let charge: Charge = self.api.ask(&requests::charge(&refund.received), None).await?;
        if !charge.currency.eq_ignore_ascii_case(&refund.currency) {
            return Err(Trouble::Refused(format!("the charge {} is in another currency", charge.id)));
        }
        let returned = match self.given_back(refund).await? {
            Some(known) => known,
            None => make::once(&self.api, &requests::refund(refund), &refund.id, self.given_back(refund)).await?,
        };
        status(returned.status.as_deref())
    }

    async fn given_back(&self, refund: &Refund) -> Result<Option<Returned>, Trouble> {
        let all: Vec<Returned> = self.api.all(|after| requests::refunds_of(&refund.received, after)).await?;
        Ok(all.into_iter().find(|returned| returned.is(&refund.id)))
    }
}

fn status(status: Option<&str>) -> Result<RefundStatus, Trouble> {
    match status {
        // With some methods the customer has to say where the money goes.
        Some("pending" | "requires_action") => Ok(RefundStatus::Pending),
        Some("succeeded") => Ok(RefundStatus::Done),
        Some("failed" | "canceled") => Ok(RefundStatus::Failed),
        _ => Err(Trouble::Unexpected("a refund is in a state that is not known".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_of_a_refund_is_known_and_no_other() {
        for (text, is) in [
            ("pending", RefundStatus::Pending),
            ("requires_action", RefundStatus::Pending),
            ("succeeded", RefundStatus::Done),
            ("failed", RefundStatus::Failed),
            ("canceled", RefundStatus::Failed),
        ] {
            assert_eq!(status(Some(text)), Ok(is));
        }
        for other in [None, Some(""), Some("paused")] {
            assert!(matches!(status(other), Err(Trouble::Unexpected(_))));
        }
    }
}

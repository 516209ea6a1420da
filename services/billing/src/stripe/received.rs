//! What money came in a time?

use super::{
    Stripe,
    object::{Charge, Session},
    requests,
};
use crate::payment::{Received, Trouble};
use chrono::{DateTime, TimeDelta, Utc};
use proto::id::PaymentId;
use std::collections::HashMap;

/// A charge is at most so much younger than its session, which can be paid for a day.
const SESSIONS_LAST: TimeDelta = TimeDelta::hours(25);

impl Stripe {
    /// [`crate::payment::Provider::received`]. A time is that of the charge. Whether a charge is ours both it and its session
    /// have to say; the others come without a reference, since the account may be used for other things as well.
    pub(super) async fn received_between(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<Received>, Trouble> {
        let charges: Vec<Charge> = self.api.all(|after| requests::charges(from, to, after)).await?;
        let sessions = if charges.iter().any(|charge| charge.payment().is_some()) {
            self.paid_between(from - SESSIONS_LAST, to).await?
        } else {
            HashMap::new()
        };
        let reference = |charge: &Charge| {
            let (payment, session) = sessions.get(charge.intent()?)?;
            Some(session.as_str()).filter(|_| charge.payment() == Some(*payment))
        };
        charges.iter().filter_map(|charge| charge.received(reference(charge)).transpose()).collect()
    }

    /// Payment intent → whose it is, and its session. Asked for together: a question for each charge would be many.
    async fn paid_between(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<HashMap<String, (PaymentId, String)>, Trouble> {
        let sessions: Vec<Session> = self.api.all(|after| requests::sessions(from, Some(to), true, after)).await?;
        let ours = sessions.into_iter().filter_map(|session| {
            let (intent, payment) = (session.intent()?.to_owned(), session.payment()?);
            Some((intent, (payment, session.id)))
        });
        Ok(ours.collect())
    }
}

//! What a subscription can be, and what can happen to it. Whatever is not in the table is refused.

/// What a subscription is. The names are Stripe's, but for `cancelled`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// It waits for its first payment.
    Incomplete,
    /// It may be used and has not been paid yet.
    Trialing,
    /// All is well.
    Active,
    /// A payment is late; the plan goes on for the days of grace.
    PastDue,
    /// The payment did not come: the default plan is in force.
    Unpaid,
    /// It rests, by agreement.
    Paused,
    /// It has ended.
    Cancelled,
}

/// What happens to a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    /// What was owed has been paid.
    Paid,
    /// A payment did not work.
    PaymentFailed,
    /// Nobody waits for the payment any more.
    GivenUp,
    /// It begins to rest.
    Paused,
    /// It goes on.
    Unpaused,
    /// The days of trial are over.
    TrialOver,
    /// It ends.
    Cancelled,
}

#[rustfmt::skip]
const TABLE: &[(Status, Event, Status)] = {
    use {Event as E, Status as S};
    &[
        (S::Incomplete, E::Paid,        S::Active),
        (S::Incomplete, E::Cancelled,   S::Cancelled),
        (S::Trialing, E::Paid,          S::Trialing),
        (S::Trialing, E::TrialOver,     S::Active),
        (S::Trialing, E::Cancelled,     S::Cancelled),
        (S::Active,   E::Paid,          S::Active),
        (S::Active,   E::PaymentFailed, S::PastDue),
        (S::Active,   E::Paused,        S::Paused),
        (S::Active,   E::Cancelled,     S::Cancelled),
        (S::PastDue,  E::Paid,          S::Active),
        (S::PastDue,  E::PaymentFailed, S::PastDue),
        (S::PastDue,  E::GivenUp,       S::Unpaid),
        (S::PastDue,  E::Cancelled,     S::Cancelled),
        (S::Unpaid,   E::Paid,          S::Active),
        (S::Unpaid,   E::PaymentFailed, S::Unpaid),
        (S::Unpaid,   E::Cancelled,     S::Cancelled),
        (S::Paused,   E::Unpaused,      S::Active),
        (S::Paused,   E::Cancelled,     S::Cancelled),
    ]
};

impl Status {
    const ALL: [Self; 7] =
        [Self::Incomplete, Self::Trialing, Self::Active, Self::PastDue, Self::Unpaid, Self::Paused, Self::Cancelled];

    /// The name in the database and in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::Trialing => "trialing",
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Unpaid => "unpaid",
            Self::Paused => "paused",
            Self::Cancelled => "cancelled",
        }
    }

    /// The status with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// What it becomes; None where that cannot happen.
    pub fn after(self, event: Event) -> Option<Self> {
        TABLE.iter().find(|(from, by, _)| (*from, *by) == (self, event)).map(|(_, _, to)| *to)
    }

    /// What can happen to it.
    pub fn events(self) -> impl Iterator<Item = Event> {
        TABLE.iter().filter(move |(from, _, _)| *from == self).map(|(_, event, _)| *event)
    }

    /// Whether what the plan allows is allowed.
    pub const fn is_in_force(self) -> bool {
        matches!(self, Self::Trialing | Self::Active | Self::PastDue)
    }
}

impl Event {
    /// What operators report.
    pub const REPORTED: [Self; 5] = [Self::Paid, Self::PaymentFailed, Self::GivenUp, Self::Paused, Self::Unpaused];

    /// The name in requests and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::PaymentFailed => "payment_failed",
            Self::GivenUp => "given_up",
            Self::Paused => "paused",
            Self::Unpaused => "unpaused",
            Self::TrialOver => "trial_over",
            Self::Cancelled => "cancelled",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pair_is_there_once_and_nothing_leads_out_of_the_end() {
        for (n, (from, by, _)) in TABLE.iter().enumerate() {
            assert!(TABLE[..n].iter().all(|(f, b, _)| (f, b) != (from, by)), "{from:?} {by:?}");
        }
        assert_eq!(Status::Cancelled.events().count(), 0);
    }

    #[test]
    fn every_pair_is_decided() {
        use {Event as E, Status as S};
        let events = [E::Paid, E::PaymentFailed, E::GivenUp, E::Paused, E::Unpaused, E::TrialOver, E::Cancelled];
        let (no, ended) = (None, Some(S::Cancelled));
        for (status, expected) in [
            (S::Incomplete, [Some(S::Active), no, no, no, no, no, ended]),
            (S::Trialing, [Some(S::Trialing), no, no, no, no, Some(S::Active), ended]),
            (S::Active, [Some(S::Active), Some(S::PastDue), no, Some(S::Paused), no, no, ended]),
            (S::PastDue, [Some(S::Active), Some(S::PastDue), Some(S::Unpaid), no, no, no, ended]),
            (S::Unpaid, [Some(S::Active), Some(S::Unpaid), no, no, no, no, ended]),
            (S::Paused, [no, no, no, no, Some(S::Active), no, ended]),
            (S::Cancelled, [no; 7]),
        ] {
            assert_eq!(events.map(|event| status.after(event)), expected, "{status:?}");
        }
    }

    #[test]
    fn everything_but_the_end_can_be_ended() {
        for status in Status::ALL {
            let ended = status.after(Event::Cancelled);
            assert_eq!(ended.is_some(), status != Status::Cancelled, "{status:?}");
            assert_eq!(Status::parse(status.as_str()), Some(status));
        }
    }

    #[test]
    fn only_a_payment_brings_back_what_was_not_paid() {
        let back = |status: Status| {
            status.events().filter(|event| status.after(*event) == Some(Status::Active)).collect::<Vec<_>>()
        };
        assert_eq!(back(Status::Unpaid), [Event::Paid]);
        assert_eq!(back(Status::PastDue), [Event::Paid]);
        assert!(!Status::Unpaid.is_in_force() && Status::PastDue.is_in_force());
    }
}

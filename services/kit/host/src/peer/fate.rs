//! What has become of a call that got no answer?

use std::error::Error;

/// Whether the peer may have begun to work on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It has not: there was no connection, the call was still waiting here when the connection ended, or the peer said
    /// that it takes no more.
    Unsent,
    /// It may have.
    Unknown,
    /// Whoever asked has no more time.
    Late,
}

impl Fate {
    /// What an error of the transport says of it.
    pub fn of(error: &(dyn Error + 'static)) -> Self {
        chain(error).find_map(Self::told_by).unwrap_or(Self::Unknown)
    }

    fn told_by(error: &(dyn Error + 'static)) -> Option<Self> {
        if error.is::<tonic::TimeoutExpired>() {
            return Some(Self::Late);
        }
        if error.is::<tonic::ConnectError>() {
            return Some(Self::Unsent);
        }
        // hyper gives this to calls that were in its queue when the connection ended, and to no other.
        if error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_canceled) {
            return Some(Self::Unsent);
        }
        // h2 gives a GOAWAY of the peer to calls above the last one that it names: those it has not looked at
        // (RFC 9113, 6.8 and 8.7).
        let h2 = error.downcast_ref::<h2::Error>().filter(|h2| h2.is_remote())?;
        (h2.is_go_away() || h2.reason() == Some(h2::Reason::REFUSED_STREAM)).then_some(Self::Unsent)
    }
}

/// An error and what lies behind it.
pub(super) fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

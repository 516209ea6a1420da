//! What a provider did wrong in one attempt, and whether another one may do better.

use crate::operation::Operation;
use proto::{Reason, usage::Outcome};
use std::{fmt, time::Duration};

/// What a client is told to wait that is asked to slow down and not told for how long.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);

/// One failed attempt. Its text ends a sentence that begins with the provider's name, and holds no credential,
/// no address and nothing of the prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub kind: Kind,
    /// HTTP status of the provider, 0 if none arrived.
    pub status: u16,
    /// When the provider asked to be left alone until.
    pub retry_after: Option<Duration>,
    /// Whether the provider may have worked, and charged, without telling us how much.
    pub may_have_worked: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// No connection, or not to this address; with the reason.
    Unreachable(String),
    /// A deadline passed: `connect`, `first_byte`, `idle` or `total`.
    Timeout(&'static str),
    /// 429, 503, 529.
    Overloaded,
    /// 401 or 403: the credential that the workspace stored is refused.
    Credential,
    /// The same of the platform's credential, which is not the workspace's affair.
    PlatformCredential,
    /// Any other status that says that the provider cannot answer.
    Status,
    /// The request itself is refused.
    Refused,
    /// A field of the request is not of the form that any provider takes; which, and what it must be.
    Invalid(String, String),
    /// A field of the request asks for what this provider does not do; which, and what it must be.
    Unsupported(String, String),
    /// The answer is not what was asked for; with what it is.
    Malformed(String),
    /// The answer ended before its end mark.
    Incomplete,
    /// An answer with a good status reports an error; with what the provider says.
    Reported(String),
}

impl Fault {
    pub(crate) const fn new(kind: Kind) -> Self {
        Self { kind, status: 0, retry_after: None, may_have_worked: false }
    }

    pub(crate) fn malformed(what: impl Into<String>) -> Self {
        Self { may_have_worked: true, ..Self::new(Kind::Malformed(what.into())) }
    }

    pub(crate) fn invalid(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::new(Kind::Invalid(field.into(), problem.into()))
    }

    pub(crate) fn unsupported(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::new(Kind::Unsupported(field.into(), problem.into()))
    }

    /// The fault that an HTTP status stands for. None for a success.
    pub(crate) fn of_status(status: u16, retry_after: Option<Duration>) -> Option<Self> {
        let kind = match status {
            200..=299 => return None,
            429 | 503 | 529 => Kind::Overloaded,
            401 | 403 => Kind::Credential,
            402 | 408 | 409 | 425 => Kind::Status,
            400..=499 => Kind::Refused,
            _ => Kind::Status,
        };
        Some(Self { status, retry_after, ..Self::new(kind) })
    }

    /// A dialect was asked for what it said that it does not take.
    pub(crate) fn not_offered(operation: Operation) -> Self {
        Self::new(Kind::Unreachable(format!("it does not offer {}", operation.name())))
    }

    /// The fault as somebody sees it who does not pay for the provider: what is wrong with the account is the platform's affair.
    #[must_use]
    pub(crate) fn of_platform(mut self) -> Self {
        if matches!(self.kind, Kind::Credential) || self.status == 402 {
            self.kind = Kind::PlatformCredential;
        }
        self
    }

    /// With this status, unless a fault within an answer says which one it would have had.
    #[must_use]
    pub(crate) const fn with_status(mut self, status: u16) -> Self {
        if self.status == 0 {
            self.status = status;
        }
        self
    }

    /// Whether another provider is worth a try.
    pub(crate) const fn is_worth_another(&self) -> bool {
        !matches!(self.kind, Kind::Refused | Kind::Invalid(..))
    }

    /// Whether the provider's own answer, with its status, says it best: clients know how to behave after a 429.
    pub(crate) const fn speaks_for_itself(&self) -> bool {
        match self.kind {
            Kind::Refused | Kind::Credential => true,
            Kind::PlatformCredential => false,
            _ => matches!(self.status, 402 | 429),
        }
    }

    /// How long the client is told to wait; no 429 goes without.
    pub(crate) fn told_wait(&self) -> Option<Duration> {
        match self.status {
            429 => Some(self.retry_after.unwrap_or(SHORTEST_WAIT).max(SHORTEST_WAIT)),
            _ => self.retry_after,
        }
    }

    pub(crate) const fn reason(&self) -> Reason {
        match self.kind {
            Kind::Timeout(_) => Reason::UpstreamTimeout,
            Kind::Overloaded => Reason::UpstreamOverloaded,
            Kind::Incomplete => Reason::UpstreamIncomplete,
            Kind::Invalid(..) | Kind::Unsupported(..) => Reason::InvalidArgument,
            _ => Reason::UpstreamFailed,
        }
    }

    /// The text without what the provider said: that may repeat the prompt, which logs do not keep.
    pub(crate) fn for_log(&self) -> String {
        match self.kind {
            Kind::Reported(_) => Self { kind: Kind::Reported(String::new()), ..*self }.to_string(),
            _ => self.to_string(),
        }
    }

    pub(crate) const fn outcome(&self) -> Outcome {
        match self.kind {
            Kind::Incomplete => Outcome::Incomplete,
            Kind::Invalid(..) | Kind::Unsupported(..) => Outcome::Rejected,
            _ => Outcome::UpstreamError,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Unreachable(why) => write!(f, "could not be called: {why}"),
            Kind::Timeout(phase) => write!(f, "took too long: the {phase} deadline passed"),
            Kind::Overloaded => write!(f, "is overloaded: it answered with HTTP status {}", self.status),
            Kind::Credential => {
                write!(f, "refused the credential that this workspace stored for it (HTTP status {})", self.status)
            }
            Kind::PlatformCredential => {
                write!(
                    f,
                    "refused the platform, which has to see to it: the credential or its balance (HTTP status {})",
                    self.status
                )
            }
            Kind::Status => write!(f, "failed: it answered with HTTP status {}", self.status),
            Kind::Invalid(field, problem) => write!(f, "was not asked: {field} {problem}"),
            Kind::Unsupported(field, problem) => write!(f, "cannot do this: {field} {problem}"),
            Kind::Refused => write!(f, "refused the request with HTTP status {}", self.status),
            Kind::Malformed(what) => write!(f, "answered with something else than was asked for: {what}"),
            Kind::Incomplete => write!(f, "ended its answer before it was complete"),
            Kind::Reported(text) if text.is_empty() => write!(f, "reported an error"),
            Kind::Reported(text) => write!(f, "reported an error: {text}"),
        }
    }
}

impl From<egress::Error> for Fault {
    fn from(error: egress::Error) -> Self {
        let may_have_worked = !error.is_unsent();
        let kind = match error {
            egress::Error::Timeout(phase) => Kind::Timeout(phase.as_str()),
            egress::Error::Closed => Kind::Incomplete,
            egress::Error::Protocol => Kind::Malformed("no HTTP".to_owned()),
            egress::Error::TooLarge(limit) => Kind::Malformed(format!("more than {limit} bytes")),
            other => Kind::Unreachable(other.to_string()),
        };
        Self { may_have_worked, ..Self::new(kind) }
    }
}

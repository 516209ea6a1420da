//! A [`Failure`] as a gRPC [`Status`], and back.

use super::{Failure, Reason};
use std::collections::HashMap;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt as _};

/// `google.rpc.ErrorInfo.domain` of our failures.
const DOMAIN: &str = "perpetuo";

impl From<Failure> for Status {
    fn from(failure: Failure) -> Self {
        let facts: HashMap<_, _> = failure.facts.into_iter().collect();
        let mut details = ErrorDetails::with_error_info(failure.reason.as_str(), DOMAIN, facts);
        if !failure.fields.is_empty() {
            details.set_bad_request(
                failure.fields.into_iter().map(|(f, d)| FieldViolation::new(f, d)).collect::<Vec<_>>(),
            );
        }
        if failure.retry_after.is_some() {
            details.set_retry_info(failure.retry_after);
        }
        Self::with_error_details(failure.reason.code(), failure.message, details)
    }
}

impl From<&Status> for Failure {
    fn from(status: &Status) -> Self {
        let details = status.get_error_details();
        let reason = Reason::of(status);
        let mut facts: Vec<_> = details
            .error_info()
            .filter(|i| i.domain == DOMAIN)
            .map(|i| i.metadata.clone().into_iter().collect())
            .unwrap_or_default();
        facts.sort();
        let fields = details
            .bad_request()
            .map(|b| b.field_violations.iter().map(|v| (v.field.clone(), v.description.clone())).collect())
            .unwrap_or_default();
        // Text that did not come from a Failure of ours may hold anything: a transport error names addresses.
        let message = if details.error_info().is_some_and(|i| i.domain == DOMAIN) {
            status.message().to_owned()
        } else {
            reason.title().to_owned()
        };
        Self { reason, message, facts, fields, retry_after: details.retry_info().and_then(|r| r.retry_delay) }
    }
}

impl Reason {
    /// The reason of a status. One without our details (a proxy's, the transport's) or with a reason that is newer
    /// than this release is read by its gRPC code.
    pub fn of(status: &Status) -> Self {
        let info = status.get_details_error_info().filter(|i| i.domain == DOMAIN);
        info.and_then(|i| Self::parse(&i.reason)).unwrap_or_else(|| match status.code() {
            Code::InvalidArgument | Code::OutOfRange | Code::FailedPrecondition => Self::InvalidArgument,
            Code::NotFound => Self::NotFound,
            Code::AlreadyExists | Code::Aborted => Self::Conflict,
            Code::PermissionDenied => Self::PermissionDenied,
            Code::Unauthenticated => Self::CredentialsMissing,
            Code::ResourceExhausted => Self::Overloaded,
            Code::Unavailable => Self::ServiceUnavailable,
            Code::DeadlineExceeded | Code::Cancelled => Self::DeadlineExceeded,
            Code::Ok | Code::Unknown | Code::Unimplemented | Code::Internal | Code::DataLoss => Self::Internal,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_failure_survives_the_wire() {
        let sent = Reason::RateLimited
            .with("too fast")
            .fact("limit", 60)
            .field("limits.rpm", "must be positive")
            .retry_after(Duration::from_secs(2));
        let response = Status::from(sent.clone()).into_http::<()>();
        let received = Status::from_header_map(response.headers()).expect("a status");
        assert_eq!(Failure::from(&received), sent);
    }

    #[test]
    fn a_transport_error_is_ours_and_its_text_stays_inside() {
        let failure = Failure::from(&Status::unavailable("tcp connect error: 10.0.0.7:9090"));
        assert_eq!(failure.reason, Reason::ServiceUnavailable);
        assert!(!failure.message.contains("10.0.0.7"), "{failure}");
    }

    #[test]
    fn every_reason_is_found_again_by_its_text() {
        for &reason in Reason::ALL {
            assert_eq!(Reason::of(&reason.with("x").into()), reason);
        }
    }
}

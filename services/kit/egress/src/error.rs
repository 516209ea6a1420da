//! What can go wrong with an outbound call. No text holds a URL, a header or an address.

use crate::Refused;
use std::error::Error as _;

/// Why a call has no answer, or not all of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The address may not be called.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The host name has no address.
    #[error("the host name could not be resolved")]
    Resolve,
    /// No address accepted a connection.
    #[error("no connection could be opened")]
    Connect,
    /// The other side could not prove who it is, or speaks no TLS that we accept.
    #[error("the TLS handshake failed: the certificate may be invalid or not trusted by this machine")]
    Tls,
    /// The other side wants to see a certificate, and ours is none that it takes.
    #[error(
        "the other side does not accept our client certificate: it may have none, an expired or another one on record"
    )]
    Identity,
    /// A deadline passed.
    #[error("the {} deadline passed", .0.as_str())]
    Timeout(Phase),
    /// The connection closed before the answer was complete.
    #[error("the connection closed before the answer was complete")]
    Closed,
    /// The answer is not HTTP.
    #[error("the answer could not be read as HTTP")]
    Protocol,
    /// The answer is larger than the caller takes.
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    /// The request cannot be sent as it is.
    #[error("the request could not be sent as HTTP")]
    Request,
}

/// Which deadline passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Resolving, connecting, TLS.
    Connect,
    /// From the connection to the head of the answer.
    FirstByte,
    /// Between two pieces of the answer.
    Idle,
    /// The whole exchange.
    Total,
}

impl Phase {
    /// As in the fact `phase` of a failure.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::FirstByte => "first_byte",
            Self::Idle => "idle",
            Self::Total => "total",
        }
    }
}

impl Error {
    /// Whether the request certainly did not reach the other side.
    pub const fn is_unsent(&self) -> bool {
        match self {
            Self::Refused(_) | Self::Resolve | Self::Connect | Self::Tls | Self::Identity | Self::Request => true,
            Self::Timeout(phase) => matches!(phase, Phase::Connect),
            Self::Closed | Self::Protocol | Self::TooLarge(_) => false,
        }
    }
}

impl From<hyper_util::client::legacy::Error> for Error {
    fn from(error: hyper_util::client::legacy::Error) -> Self {
        let connecting = error.is_connect();
        let mut source = error.source();
        while let Some(cause) = source {
            if let Some(ours) = cause.downcast_ref::<Self>() {
                return ours.clone();
            }
            if is_about_our_certificate(cause) {
                return Self::Identity;
            }
            if let Some(http) = cause.downcast_ref::<hyper::Error>() {
                return Self::of(http);
            }
            source = cause.source();
        }
        // Our connector names its own failures; what else fails while connecting is the handshake.
        if connecting { Self::Tls } else { Self::Request }
    }
}

impl Error {
    /// A failure of an open connection.
    pub(crate) fn of(error: &hyper::Error) -> Self {
        let mut source = error.source();
        while let Some(cause) = source {
            // With TLS 1.3 a server looks at our certificate when for us the handshake is over.
            if is_about_our_certificate(cause) {
                return Self::Identity;
            }
            source = cause.source();
        }
        if error.is_parse() {
            Self::Protocol
        } else if error.is_user() {
            Self::Request
        } else {
            Self::Closed
        }
    }
}

/// Whether the other side ended a connection because of the certificate that we showed, or did not show. It does so before
/// it reads a request.
fn is_about_our_certificate(cause: &(dyn std::error::Error + 'static)) -> bool {
    use rustls::AlertDescription as Alert;
    // What happens on a connection comes wrapped as input and output, once or twice.
    if let Some(wrapped) = cause.downcast_ref::<std::io::Error>() {
        return wrapped.get_ref().is_some_and(|inside| is_about_our_certificate(inside));
    }
    matches!(
        cause.downcast_ref(),
        Some(rustls::Error::AlertReceived(
            Alert::BadCertificate
                | Alert::UnsupportedCertificate
                | Alert::CertificateRevoked
                | Alert::CertificateExpired
                | Alert::CertificateUnknown
                | Alert::UnknownCA
                | Alert::AccessDenied
                // All that we sign is our certificate's: an authority of the same name has another key.
                | Alert::DecryptError
                | Alert::CertificateRequired
        ))
    )
}

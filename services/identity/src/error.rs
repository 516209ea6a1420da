//! What can go wrong, and what of it the caller is told.

use proto::{Failure, Reason};
use std::time::Duration;
use tonic::Status;

/// A failure of the identity service.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting is refused.
    #[error("{0}")]
    Config(String),
    /// The input is refused, as the failure says.
    #[error(transparent)]
    Input(#[from] Failure),
    /// There is an account with this address.
    #[error("there is an account with this e-mail address: log in instead")]
    EmailTaken,
    /// The password is too easy to guess.
    #[error("{0}")]
    WeakPassword(&'static str),
    /// Unknown user, wrong password or disabled account: nobody learns which.
    #[error("the e-mail address or the password is wrong")]
    LoginFailed,
    /// More logins wait than may.
    #[error("too many people are logging in at this moment: try again in a few seconds")]
    Overloaded,
    /// Nobody says who they are.
    #[error("send an access token, or the refresh token of the session to end")]
    NoCredential,
    /// Not a token of ours, or altered.
    #[error("the token is not one that this server gave out: log in again")]
    TokenInvalid,
    /// It was one of ours.
    #[error("the token has expired: refresh it, or log in again")]
    TokenExpired,
    /// Nobody used the session for too long, or it has reached its greatest age.
    #[error("the session has expired: log in again")]
    SessionExpired,
    /// The session was ended.
    #[error("the session has ended: log in again")]
    SessionEnded,
    /// A spent refresh token came again.
    #[error("the refresh token was used before, so the session has been ended: log in again")]
    RefreshReused,
    /// No key has this hash.
    #[error("the API key is not known: check that the whole key was copied")]
    UnknownKey,
    /// The key was revoked or deleted.
    #[error("the API key has been revoked: create a new one")]
    KeyRevoked,
    /// The key's time is over.
    #[error("the API key has expired: create a new one")]
    KeyExpired,
    /// The key has another text now.
    #[error("the API key was rotated, and the time of this text of it is over: use the new one")]
    KeyRotated,
    /// A key that works no more cannot get another text.
    #[error("the API key was revoked or has expired: create a new one")]
    KeyEnded,
    /// Somebody else answers for the key.
    #[error("somebody else answers for this API key: only they, and who looks after members, may rotate it")]
    Theirs,
    /// A key that is bound must not make itself another that is not.
    #[error("an API key that is bound to models or addresses may not make, change or rotate keys")]
    Bound,
    /// A key of the workspace is made by who looks after the workspace.
    #[error("a service account belongs to the workspace: to make one, workspace.write is needed")]
    ServiceAccount,
    /// A key may not have more than its creator.
    #[error("a key cannot have the scope {0}, because its creator does not have it")]
    ScopeExceeded(&'static str),
    /// Absent, or of another workspace.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A link from a letter that holds no longer.
    #[error("the link does not work: it was used before, or is too old; ask for a new one")]
    LinkInvalid,
    /// There is no way to send letters.
    #[error("this installation sends no mail")]
    NoMail,
    /// Nobody can log in to it.
    #[error("the account is disabled")]
    Disabled,
    /// Another role than the one that was named.
    #[error("the account has the role {0}, not that one")]
    OtherRole(proto::PlatformRole),
    /// The account exists, its workspace does not yet.
    #[error("the account exists, but its workspace is not ready yet: log in again in a few seconds")]
    NotProvisioned,
    /// The workspace service failed.
    #[error("the workspace service failed: {0}")]
    Workspaces(Failure),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// A repeated request is not answered again.
    #[error(transparent)]
    Replay(#[from] store::replay::Error),
    /// Stored limits that are none.
    #[error("the limits of an API key cannot be read")]
    Limits(#[source] serde_json::Error),
    /// Something sealed does not open.
    #[error(transparent)]
    Seal(#[from] store::seal::Error),
    /// Something that cannot happen happened.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// What the workspace service answered.
    pub(crate) fn workspaces(status: Status) -> Self {
        Self::Workspaces(Failure::from(&status))
    }

    /// What is wrong with the call itself: it has no person, or no workspace.
    pub(crate) fn caller(status: Status) -> Self {
        Self::Input(Failure::from(&status))
    }
}

impl From<Error> for Status {
    /// For the caller. What is not theirs to know is logged here, once.
    fn from(error: Error) -> Self {
        failure(error).into()
    }
}

fn failure(error: Error) -> Failure {
    let reason = match &error {
        Error::Input(_) | Error::Store(_) | Error::Replay(_) | Error::Workspaces(_) => return passed_on(error),
        Error::Config(_) | Error::Internal(_) | Error::Limits(_) | Error::Seal(_) => {
            tracing::error!(error = &error as &dyn std::error::Error, "identity failed");
            return Reason::Internal.with("internal error");
        }
        Error::ScopeExceeded(scope) => {
            return Reason::PermissionDenied
                .with(error.to_string())
                .fact("permission", scope)
                .field("scopes", format!("must not hold {scope}, which the creator does not have"));
        }
        Error::ServiceAccount => {
            let permission = proto::Permission::WorkspaceWrite.as_str();
            return Reason::PermissionDenied.with(error.to_string()).fact("permission", permission);
        }
        Error::Overloaded => return Reason::Overloaded.with(error.to_string()).retry_after(Duration::from_secs(2)),
        Error::NotProvisioned => {
            return Reason::ServiceUnavailable.with(error.to_string()).retry_after(Duration::from_secs(5));
        }
        Error::WeakPassword(why) => return Reason::WeakPassword.with(*why).field("password", *why),
        Error::EmailTaken => Reason::EmailTaken,
        Error::LoginFailed => Reason::LoginFailed,
        Error::NoCredential => Reason::CredentialsMissing,
        Error::TokenInvalid | Error::LinkInvalid => Reason::TokenInvalid,
        Error::NoMail => Reason::MailNotConfigured,
        Error::TokenExpired | Error::SessionExpired => Reason::TokenExpired,
        Error::SessionEnded => Reason::SessionEnded,
        Error::RefreshReused => Reason::RefreshReused,
        Error::UnknownKey => Reason::UnknownKey,
        Error::KeyRevoked | Error::KeyRotated => Reason::KeyRevoked,
        Error::Theirs | Error::Bound => Reason::PermissionDenied,
        Error::KeyExpired => Reason::KeyExpired,
        Error::NotFound(_) => Reason::NotFound,
        Error::Disabled | Error::OtherRole(_) | Error::KeyEnded => Reason::Conflict,
    };
    reason.with(error.to_string())
}

/// Failures that others made.
fn passed_on(error: Error) -> Failure {
    match error {
        Error::Input(failure) => failure,
        Error::Store(error) => error.into(),
        Error::Replay(error) => error.into(),
        Error::Workspaces(failure) if failure.reason.retry() && failure.reason != Reason::Internal => {
            tracing::warn!(%failure, "the workspace service did not answer");
            failure
        }
        other => {
            tracing::error!(error = &other as &dyn std::error::Error, "identity failed");
            Reason::Internal.with("internal error")
        }
    }
}

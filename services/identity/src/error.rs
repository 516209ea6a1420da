//! What can go wrong, and what of it the caller is told.

use crate::password::weakness::Weakness;
use proto::{Failure, Reason, id::WorkspaceId};
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
    WeakPassword(Weakness),
    /// Unknown user, wrong password or disabled account: nobody learns which.
    #[error("the e-mail address or the password is wrong")]
    LoginFailed,
    /// Failures before make this try wait.
    #[error("{}", throttled(layer, *wait))]
    Throttled {
        /// What was counted: failures of the `account` from one network, of one `address` on all accounts, codes of the
        /// `second_factor`, or a network's attempts to `sign_in` by a provider.
        layer: &'static str,
        /// Failures after which nobody waits.
        limit: u32,
        /// Failures so far.
        used: u32,
        /// For how long.
        wait: Duration,
    },
    /// The account asks for a second factor.
    #[error(
        "the account asks for a second factor: send the same again with totp, a code of the app or a recovery code, or with a passkey"
    )]
    MfaRequired {
        /// Whether a passkey would do.
        has_passkey: bool,
    },
    /// It is not the code of the moment, or was used.
    #[error("the code is wrong, too old, or was used before: wait for the next one")]
    MfaCodeInvalid,
    /// The second factor was not shown lately.
    #[error(
        "this needs the second factor: send a code or a passkey to /me/mfa/step-up, then the same again within ten minutes; \
         an account without one sets it up at /me/mfa/totp"
    )]
    StepUpRequired,
    /// The session was not opened lately, and there is nothing else to show.
    #[error(
        "this needs a session that was opened in the last ten minutes: log in again, then send the same with the new token"
    )]
    SignInAgain,
    /// Nobody knows yet whose address the account has.
    #[error(
        "confirm the address of the account first: follow the link of its letter, or have one sent by /auth/magic-link"
    )]
    Unconfirmed,
    /// There is a second factor already.
    #[error("the account has a second factor: remove it first, to set up another one")]
    MfaInForce,
    /// Not everybody may sign up.
    #[error("{}", sign_up_closed(*.0))]
    SignUpClosed(crate::SignUps),
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
    #[error("an API key that is bound to models, addresses or a team may not make, change or rotate keys")]
    Bound,
    /// A key of a team is made by who is in it.
    #[error("you are not in this team: to make an API key of it all the same, members.write is needed")]
    NotInTeam,
    /// A key of the workspace is made by who looks after the workspace.
    #[error("a service account belongs to the workspace: to make one, workspace.write is needed")]
    ServiceAccount,
    /// A key may not have more than its creator.
    #[error("a key cannot have the scope {0}, because its creator does not have it")]
    ScopeExceeded(&'static str),
    /// A workspace has as many domains as it may.
    #[error("the workspace has 50 domains: remove one that is not used any more")]
    TooManyDomains,
    /// Name servers do not have the record.
    #[error("name servers have no TXT record {record} that says {value}: make it, wait some minutes, and verify again")]
    DomainUnproved {
        /// Its name.
        record: String,
        /// What it has to say.
        value: String,
    },
    /// Somebody else was first.
    #[error(
        "another workspace has proved that this domain is its own: have it removed there, or take its record away and verify again, which then counts at once"
    )]
    DomainTaken,
    /// Nobody knows whether the record is there.
    #[error("it is not known whether the record is there, because {0}: try again in a minute")]
    NameServersAway(String),
    /// Nobody would come in any more, or nobody is meant.
    #[error("single sign-on cannot be enforced yet: {0}")]
    CannotEnforce(&'static str),
    /// Providers have nowhere to send people back to.
    #[error(
        "single sign-on needs an address to which providers send people back: the operator of this installation sets edge.public_url"
    )]
    NoAddress,
    /// Somebody else has set it at the same moment.
    #[error("somebody has changed this at the same moment: look at it, and send yours again")]
    ChangedMeanwhile,
    /// People of a domain come in by its owner's provider only.
    #[error(
        "people with addresses of this domain sign in through their organisation: POST /api/v1/auth/sso/start leads there"
    )]
    SsoRequired {
        /// The one that asks for it.
        workspace: WorkspaceId,
    },
    /// Absent, or of another workspace.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A link from a letter that holds no longer.
    #[error("the link does not work: it was used before, or is too old; ask for a new one")]
    LinkInvalid,
    /// A state or a code of a sign-in that holds no longer, or is another browser's.
    #[error("the sign-in cannot go on: it was used before, is too old, or began in another browser; begin again")]
    SignInInvalid,
    /// A provider of sign-ins failed.
    #[error("{}", sign_in_failed(provider, *is_away))]
    SignInFailed {
        /// For people.
        provider: String,
        /// Whether it does not answer; else what it answers does not hold.
        is_away: bool,
    },
    /// Somebody may not come in by a provider.
    #[error("{0}")]
    SignInRefused(String),
    /// Nothing proves that an account is whose the provider names.
    #[error(
        "this account at the provider opens none here yet: log in by password or by a link in a letter, or sign up, and then link it in your account"
    )]
    LinkRequired,
    /// Somebody's account elsewhere opens an account already.
    #[error("this account at the provider opens an account here already: sign in with it, or unlink it there first")]
    Linked,
    /// Nobody could come in any more.
    #[error("{}", last_way_in(*has_letters))]
    LastWayIn {
        /// Whether a letter can help.
        has_letters: bool,
    },
    /// Whatever is wrong with a passkey that somebody signs in with: nobody learns which.
    #[error("the passkey opens no account here, or was shown too late: begin again, or log in another way")]
    PasskeyRefused,
    /// It does not count as a second factor.
    #[error("the passkey does not count, or was shown too late: ask for other options, and show it again")]
    PasskeyInvalid,
    /// An account has as many as it may.
    #[error("the account has ten passkeys: remove one that is not used any more")]
    TooManyPasskeys,
    /// A device has made one that is known.
    #[error("this passkey is known already: sign in with it, or make another one")]
    PasskeyTaken,
    /// Devices sign for domains only.
    #[error(
        "passkeys need a domain, and this installation has none: its operator sets edge.public_url or identity.passkeys"
    )]
    NoPasskeys,
    /// Operators act for nobody who operates the platform.
    #[error("this account operates the platform, and nobody acts for those who do")]
    ImpersonatesStaff,
    /// Nor for themselves.
    #[error("this is your own account: nothing is gained by acting for yourself")]
    ImpersonatesSelf,
    /// The role, the second factor or the session of an operator is no more.
    #[error("this needs the permission platform.write, in a session that has it now")]
    NotOperator,
    /// There is no way to send letters.
    #[error("this installation sends no mail")]
    NoMail,
    /// The platform would lose somebody who operates it, without anybody having said so.
    #[error(
        "the account operates the platform: have its role taken away on the host first (perpetuo admin revoke <e-mail>), then erase it"
    )]
    Operates,
    /// Part of it is done, perhaps.
    #[error(
        "the account is being erased, which cannot be completed at this moment: it goes on by itself within minutes"
    )]
    ErasureGoesOn,
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
        Error::ImpersonatesStaff => return Reason::ImpersonationRefused.with(error.to_string()).fact("why", "staff"),
        Error::ImpersonatesSelf => return Reason::ImpersonationRefused.with(error.to_string()).fact("why", "yourself"),
        Error::NotOperator => {
            let permission = proto::Permission::PlatformWrite.as_str();
            return Reason::PermissionDenied.with(error.to_string()).fact("permission", permission);
        }
        Error::Overloaded => return Reason::Overloaded.with(error.to_string()).retry_after(Duration::from_secs(2)),
        Error::NotProvisioned => {
            return Reason::ServiceUnavailable.with(error.to_string()).retry_after(Duration::from_secs(5));
        }
        Error::ErasureGoesOn => {
            return Reason::ServiceUnavailable.with(error.to_string()).retry_after(Duration::from_secs(30));
        }
        Error::DomainUnproved { record, value } => {
            return Reason::DomainUnproved.with(error.to_string()).fact("record", record).fact("value", value);
        }
        Error::SsoRequired { workspace } => {
            let failure = Reason::SsoRequired.with(error.to_string()).fact("workspace_id", workspace);
            return failure.fact("start", "/api/v1/auth/sso/start");
        }
        Error::NameServersAway(_) => {
            return Reason::ServiceUnavailable.with(error.to_string()).retry_after(Duration::from_secs(60));
        }
        Error::WeakPassword(why) => return weak(why),
        Error::Throttled { layer, limit, used, wait } => {
            let failure =
                Reason::RateLimited.with(error.to_string()).fact("layer", layer).fact("kind", "failed_logins");
            return failure.fact("limit", limit).fact("used", used).retry_after(*wait);
        }
        Error::SignUpClosed(signup) => {
            return Reason::SignUpClosed.with(error.to_string()).fact("signup", signup.as_str());
        }
        Error::MfaRequired { has_passkey } => return mfa_required(&error, *has_passkey),
        Error::MfaCodeInvalid | Error::PasskeyInvalid => Reason::MfaCodeInvalid,
        Error::StepUpRequired | Error::SignInAgain => Reason::StepUpRequired,
        Error::EmailTaken => Reason::EmailTaken,
        Error::LoginFailed | Error::PasskeyRefused => Reason::LoginFailed,
        Error::NoCredential => Reason::CredentialsMissing,
        Error::TokenInvalid | Error::LinkInvalid => Reason::TokenInvalid,
        Error::SignInInvalid => Reason::TokenInvalid,
        Error::SignInFailed { .. } => Reason::SignInFailed,
        Error::SignInRefused(_) => Reason::SignInRefused,
        Error::LinkRequired => Reason::LinkRequired,
        Error::NoMail => Reason::MailNotConfigured,
        Error::TokenExpired | Error::SessionExpired => Reason::TokenExpired,
        Error::SessionEnded => Reason::SessionEnded,
        Error::RefreshReused => Reason::RefreshReused,
        Error::UnknownKey => Reason::UnknownKey,
        Error::KeyRevoked | Error::KeyRotated => Reason::KeyRevoked,
        Error::Theirs | Error::Bound | Error::NotInTeam => Reason::PermissionDenied,
        Error::KeyExpired => Reason::KeyExpired,
        Error::NotFound(_) => Reason::NotFound,
        Error::Disabled
        | Error::OtherRole(_)
        | Error::Operates
        | Error::MfaInForce
        | Error::KeyEnded
        | Error::Linked
        | Error::TooManyPasskeys
        | Error::TooManyDomains
        | Error::DomainTaken
        | Error::CannotEnforce(_)
        | Error::ChangedMeanwhile
        | Error::NoAddress
        | Error::PasskeyTaken
        | Error::NoPasskeys
        | Error::Unconfirmed
        | Error::LastWayIn { .. } => Reason::Conflict,
    };
    reason.with(error.to_string())
}

/// Says what would do.
fn mfa_required(error: &Error, has_passkey: bool) -> Failure {
    let methods = if has_passkey { "totp recovery_code passkey" } else { "totp recovery_code" };
    Reason::MfaRequired.with(error.to_string()).fact("methods", methods)
}

fn throttled(layer: &str, wait: Duration) -> String {
    let seconds = wait.as_millis().div_ceil(1000);
    match layer {
        "sign_in" => format!("too many sign-ins from your network: wait {seconds} s, then begin again"),
        "second_factor" => format!("too many wrong codes: wait {seconds} s"),
        "address" => format!("too many failed logins from your network: wait {seconds} s, or log in by a link"),
        _ => {
            format!("too many failed logins with this account from your network: wait {seconds} s, or log in by a link")
        }
    }
}

fn sign_in_failed(provider: &str, is_away: bool) -> String {
    if is_away {
        format!("{provider} does not answer at this moment: begin again in a while, or log in another way")
    } else {
        format!("what {provider} answered does not hold, and nobody was logged in: begin again, or log in another way")
    }
}

fn last_way_in(has_letters: bool) -> &'static str {
    if has_letters {
        "it is the only way into the account: set a password first (/auth/password/forgot), or link another one"
    } else {
        "it is the only way into the account: link another one first"
    }
}

fn sign_up_closed(signup: crate::SignUps) -> &'static str {
    match signup {
        crate::SignUps::Invite => {
            "sign-ups need an invitation here, for this very address: ask whoever runs this installation"
        }
        crate::SignUps::Domain => {
            "only addresses of certain domains can sign up here: ask whoever runs this installation"
        }
        crate::SignUps::Open | crate::SignUps::Closed => "nobody can sign up here: ask whoever runs this installation",
    }
}

/// What is wrong with a password, and how it could be better: in the language of whoever chose it.
fn weak(why: &Weakness) -> Failure {
    let text = why.to_string();
    let failure = Reason::WeakPassword.with(text.as_str()).field("password", text);
    match why.score() {
        Some(score) => failure.fact("score", score),
        None => failure,
    }
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

//! Letters to people: which there are, how they wait, and how they leave.
//!
//! A request only queues a letter. Whether its address has an account is found out when it is sent, so that nobody who
//! asks can tell by the answer or by its time; and what is secret in it is made then, so that no table holds it.

pub(crate) mod compose;
pub(crate) mod queue;
mod texts;
pub(crate) mod work;

pub(crate) use texts::templates;

use chrono::TimeDelta;

/// How letters leave.
#[derive(Clone)]
pub struct Letters {
    /// Takes them.
    pub mailer: mail::Mailer,
    /// Where their links lead: the address of the pages that people see, without a slash at its end.
    pub link_base: String,
}

/// Which letter. Those with a link have a one-time token of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Completes a sign-up. To an address that has an account it says so instead.
    SignUp,
    /// Confirms the address of an account.
    VerifyEmail,
    /// Logs in.
    MagicLink,
    /// Sets another password.
    ResetPassword,
    /// Makes this the address of an account.
    ChangeEmail,
    /// The password is another one now.
    PasswordChanged,
    /// To the address that an account had.
    EmailChanged,
    /// A second factor is asked for from now on.
    MfaEnabled,
    /// None is any more.
    MfaDisabled,
    /// Somebody came in with a recovery code.
    RecoveryCodeUsed,
    /// An account elsewhere opens this one from now on.
    IdentityLinked,
    /// One does not any more.
    IdentityUnlinked,
    /// A passkey opens the account from now on.
    PasskeyAdded,
    /// One does not any more.
    PasskeyRemoved,
    /// An operator acts for the person.
    Impersonated,
    /// A domain is not a workspace's any more.
    DomainLost,
    /// Invites to sign up, where whoever operates the platform does not pass the link on themselves.
    Invitation,
}

impl Kind {
    const ALL: [Self; 17] = [
        Self::SignUp,
        Self::VerifyEmail,
        Self::MagicLink,
        Self::ResetPassword,
        Self::ChangeEmail,
        Self::PasswordChanged,
        Self::EmailChanged,
        Self::MfaEnabled,
        Self::MfaDisabled,
        Self::RecoveryCodeUsed,
        Self::IdentityLinked,
        Self::IdentityUnlinked,
        Self::PasskeyAdded,
        Self::PasskeyRemoved,
        Self::Impersonated,
        Self::DomainLost,
        Self::Invitation,
    ];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::SignUp => "sign_up",
            Self::VerifyEmail => "verify_email",
            Self::MagicLink => "magic_link",
            Self::ResetPassword => "reset_password",
            Self::ChangeEmail => "change_email",
            Self::PasswordChanged => "password_changed",
            Self::EmailChanged => "email_changed",
            Self::MfaEnabled => "mfa_enabled",
            Self::MfaDisabled => "mfa_disabled",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::IdentityLinked => "identity_linked",
            Self::IdentityUnlinked => "identity_unlinked",
            Self::PasskeyAdded => "passkey_added",
            Self::PasskeyRemoved => "passkey_removed",
            Self::Impersonated => "impersonated",
            Self::DomainLost => "domain_lost",
            Self::Invitation => "invitation",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// For how long the letter is worth sending, and its link works.
    pub(crate) const fn worth(self) -> TimeDelta {
        match self {
            // What logs in by another channel lives for ten minutes at most (ASVS 6.5.5).
            Self::MagicLink => TimeDelta::minutes(10),
            Self::ResetPassword => TimeDelta::minutes(30),
            Self::Invitation => TimeDelta::days(7),
            Self::SignUp
            | Self::VerifyEmail
            | Self::ChangeEmail
            | Self::PasswordChanged
            | Self::EmailChanged
            | Self::MfaEnabled
            | Self::MfaDisabled
            | Self::RecoveryCodeUsed
            | Self::IdentityLinked
            | Self::IdentityUnlinked
            | Self::PasskeyAdded
            | Self::PasskeyRemoved
            | Self::Impersonated
            | Self::DomainLost => TimeDelta::hours(24),
        }
    }

    /// As what the link holds its token.
    pub(crate) const fn parameter(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            _ => "token",
        }
    }

    /// The page to which its link leads.
    pub(crate) const fn page(self) -> Option<&'static str> {
        match self {
            Self::SignUp | Self::VerifyEmail | Self::ChangeEmail => Some("/auth/email/verify"),
            Self::MagicLink => Some("/auth/magic-link/verify"),
            Self::ResetPassword => Some("/auth/password/reset"),
            Self::Invitation => Some("/auth/signup"),
            Self::PasswordChanged
            | Self::EmailChanged
            | Self::MfaEnabled
            | Self::MfaDisabled
            | Self::RecoveryCodeUsed
            | Self::IdentityLinked
            | Self::IdentityUnlinked
            | Self::PasskeyAdded
            | Self::PasskeyRemoved
            | Self::Impersonated
            | Self::DomainLost => None,
        }
    }
}

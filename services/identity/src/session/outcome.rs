//! How do logins end? For operators: many that are refused are an attack, and many that are held up one that goes on.

use super::answer::Answer;
use crate::Error;
use host::metrics;

/// Counts how a login ended, and gives it back. What ends otherwise, such as a database that is away, is no login.
pub(crate) fn counted(answer: Result<Answer, Error>) -> Result<Answer, Error> {
    let outcome = match &answer {
        Ok(_) => "ok",
        Err(
            Error::LoginFailed
            | Error::LinkInvalid
            | Error::SignInInvalid
            | Error::SignInRefused(_)
            | Error::LinkRequired
            | Error::SsoRequired { .. }
            | Error::PasskeyRefused,
        ) => "refused",
        Err(Error::MfaRequired { .. } | Error::MfaCodeInvalid | Error::PasskeyInvalid) => "second_factor",
        Err(Error::Throttled { .. }) => "throttled",
        Err(_) => return answer,
    };
    count(outcome);
    answer
}

/// Counts a sign-in that came to nothing at its provider.
pub(crate) fn failed_at_provider(error: &Error) {
    match error {
        Error::SignInRefused(_) => count("refused"),
        Error::SignInFailed { .. } => count("provider"),
        _ => {}
    }
}

fn count(outcome: &str) {
    metrics::counter_vec(
        "perpetuo_identity_logins_total",
        "Logins by password, passkey, link or provider: ok, refused, second_factor (it was asked for, or its code was wrong), throttled, provider (it did not answer, or not as it should).",
        &["outcome"],
    )
    .with_label_values(&[outcome])
    .inc();
}

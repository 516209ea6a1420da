//! What has gone wrong with a call, and what of it may have been done all the same?

use crate::payment::Trouble;
use serde::Deserialize;

/// Of a text as much as a person reads.
const LONGEST: usize = 400;

/// Why a call has no answer that is of use. No text holds a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It may have been done, or not; the same call again is safe.
    Away(String),
    /// The same, and the same idempotency key will be answered the same: Stripe keeps what it answered first, also a failure of
    /// its own, or it knows the key from a call that was a little different.
    Spent(String),
    /// There is no such thing.
    Missing,
    /// No, and it will be no again.
    Refused(String),
    /// It may have been done, and the answer is none that can be understood.
    Garbled(String),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Away(text) | Fault::Spent(text) => Self::Away(text),
            Fault::Missing => Self::Unknown,
            Fault::Refused(text) => Self::Refused(text),
            Fault::Garbled(text) => Self::Unexpected(text),
        }
    }
}

/// What an answer that is no yes means. `should_retry` is what Stripe says of it in `stripe-should-retry`, and comes first.
pub(super) fn judge(status: u16, should_retry: Option<bool>, body: &[u8]) -> Fault {
    let problem = Problem::read(body);
    let text = problem.text(status);
    match status {
        500.. => Fault::Spent(text),
        400 if problem.kind.as_deref() == Some("idempotency_error") => Fault::Spent(text),
        _ if should_retry == Some(true) => Fault::Away(text),
        // Somebody is at it, there were too many calls, or others on whom Stripe depends are away.
        408 | 409 | 424 | 429 if should_retry.is_none() => Fault::Away(text),
        404 => Fault::Missing,
        401 => Fault::Refused(format!("{text}; see billing.stripe.secret_key")),
        403 => Fault::Refused(format!("{text}; billing.stripe.secret_key may lack a permission")),
        400..500 => Fault::Refused(text),
        _ => Fault::Garbled(text),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    error: Problem,
}

/// `error` of an answer. Whatever else is in it may be about people.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    #[serde(rename = "type")]
    kind: Option<String>,
    code: Option<String>,
    param: Option<String>,
    message: Option<String>,
}

impl Problem {
    fn read(body: &[u8]) -> Self {
        serde_json::from_slice::<Answer>(body).map(|answer| answer.error).unwrap_or_default()
    }

    fn text(&self, status: u16) -> String {
        let mut text = format!("status {status}");
        for part in [&self.kind, &self.code, &self.param, &self.message].into_iter().flatten() {
            text.push_str(": ");
            text.extend(part.chars().map(|c| if c.is_control() { ' ' } else { c }));
        }
        if let Some((end, _)) = text.char_indices().nth(LONGEST) {
            text.truncate(end);
            text.push('…');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ERROR: &str =
        r#"{"error":{"type":"invalid_request_error","code":"a","param":"b","message":"c\nd","doc_url":"x"}}"#;

    #[test]
    fn what_stripe_says_of_trying_again_comes_before_the_status() {
        let told = |status: u16| format!("status {status}: invalid_request_error: a: b: c d");
        let judged = |status, retry| judge(status, retry, ERROR.as_bytes());
        for status in [408, 409, 424, 429] {
            assert_eq!(judged(status, None), Fault::Away(told(status)));
            assert_eq!(judged(status, Some(false)), Fault::Refused(told(status)));
        }
        assert_eq!(judged(400, Some(true)), Fault::Away(told(400)));
        for status in [400, 402, 422] {
            assert_eq!(judged(status, None), Fault::Refused(told(status)));
        }
        for (status, retry) in [(500, None), (503, Some(true)), (500, Some(false))] {
            assert_eq!(judged(status, retry), Fault::Spent(told(status)), "it may have been done");
        }
        assert_eq!(judged(404, None), Fault::Missing);
        assert_eq!(judged(302, None), Fault::Garbled(told(302)));
        assert!(matches!(judged(401, None), Fault::Refused(text) if text.ends_with("billing.stripe.secret_key")));
    }

    #[test]
    fn an_answer_that_is_no_json_or_very_long_is_told_shortly() {
        for body in ["", "<html>", "[]", r#"{"error":"no"}"#, r#"{"error":{"message":7}}"#] {
            assert_eq!(judge(400, None, body.as_bytes()), Fault::Refused("status 400".to_owned()), "{body}");
        }
        let long = format!(r#"{{"error":{{"message":"{}"}}}}"#, "é".repeat(5000));
        let Fault::Refused(text) = judge(400, None, long.as_bytes()) else { panic!("refused") };
        assert_eq!(text.chars().count(), LONGEST + 1);
        let used = r#"{"error":{"type":"idempotency_error"}}"#;
        assert!(matches!(judge(400, None, used.as_bytes()), Fault::Spent(_)));
    }
}

//! What an authenticator app and we have in common: a secret of 160 bits, from which each half minute has a code (RFC 6238).

use crate::Error;
use chrono::{DateTime, Utc};
use proto::id::UserId;
use store::seal::{self, Sealer};
use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

/// SHA-1, six digits and half a minute: what every app knows. One step before and after now, for clocks that differ.
const SKEW: u16 = 1;

pub(super) struct Secret(Zeroizing<[u8; 20]>);

impl Secret {
    pub fn generate() -> Self {
        Self(Zeroizing::new(rand::random()))
    }

    /// For the row of `user`, and of no use in another.
    pub fn seal(&self, sealer: &Sealer, user: UserId) -> Vec<u8> {
        sealer.seal(&*self.0, place(user).as_bytes())
    }

    /// Opens what `seal` made. Errors: [`Error::Seal`].
    pub fn open(sealer: &Sealer, sealed: &[u8], user: UserId) -> Result<Self, Error> {
        let opened = sealer.open(sealed, place(user).as_bytes())?;
        let secret = opened.as_slice().try_into().map_err(|_| seal::Error::Damaged)?;
        Ok(Self(Zeroizing::new(secret)))
    }

    /// For typing, and for a QR code.
    pub fn shown(&self, issuer: &str, account: &str) -> Result<(String, String), Error> {
        let totp = self.totp(issuer, account)?;
        let uri = totp.to_url().map_err(|e| Error::Internal(format!("an otpauth address: {e}")))?;
        Ok((totp.secret().to_base32(), uri))
    }

    /// Which half minute since 1970 has this code, if one around now has.
    pub fn step_of(&self, code: &str, now: DateTime<Utc>) -> Result<Option<i64>, Error> {
        let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
        let step = self.totp("", "")?.check(code, seconds);
        Ok(step.and_then(|step| i64::try_from(step).ok()))
    }

    fn totp(&self, issuer: &str, account: &str) -> Result<Totp, Error> {
        let issuer = Some(issuer).filter(|issuer| !issuer.is_empty());
        let builder =
            Builder::new().with_secret(*self.0).with_skew(SKEW).with_issuer(issuer).with_account_name(account);
        builder.build().map_err(|e| Error::Internal(format!("an authenticator app: {e}")))
    }
}

pub(crate) fn place(user: UserId) -> String {
    format!("identity/totp_factors/secret/{user}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    /// RFC 6238, appendix B, with the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = Secret(Zeroizing::new(*b"12345678901234567890"));
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")] {
            let now = DateTime::from_timestamp(seconds, 0).expect("a time");
            assert_eq!(secret.step_of(code, now).unwrap(), Some(seconds / 30), "{code}");
            assert_eq!(secret.step_of(code, now + chrono::TimeDelta::seconds(30)).unwrap(), Some(seconds / 30));
            assert_eq!(secret.step_of(code, now + chrono::TimeDelta::seconds(61)).unwrap(), None);
        }
        for odd in ["", "28708", "2870820", "+87082", "28708a"] {
            assert_eq!(secret.step_of(odd, DateTime::from_timestamp(59, 0).expect("a time")).unwrap(), None, "{odd}");
        }
    }

    #[test]
    fn an_app_reads_issuer_account_and_secret() {
        let secret = Secret(Zeroizing::new(*b"12345678901234567890"));
        let (typed, uri) = secret.shown("Acme & Co", "ana+x@example.com").unwrap();
        assert_eq!(typed, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        let parts =
            ["otpauth://totp/Acme%20%26%20Co:ana%2Bx%40example.com?", "secret=GEZDGNBV", "issuer=Acme%20%26%20Co"];
        for part in parts {
            assert!(uri.contains(part), "{uri} without {part}");
        }
    }

    #[test]
    fn a_secret_copied_to_another_account_does_not_open() {
        let sealer = seal::MasterKey::generate().sealer();
        let user = |n| UserId::from_uuid(Uuid::from_u128(n));
        let sealed = Secret::generate().seal(&sealer, user(1));
        assert!(Secret::open(&sealer, &sealed, user(1)).is_ok());
        assert!(matches!(Secret::open(&sealer, &sealed, user(2)), Err(Error::Seal(_))));
    }
}

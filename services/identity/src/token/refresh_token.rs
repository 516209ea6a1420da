//! What is a refresh token? The session, the generation in its family, and an HMAC of both under the family's secret.
//!
//! It is derived, not stored: a successor can be repeated without keeping it, and the database alone (where the secret
//! is sealed) makes none. A checksum sheds typing errors and noise before anything is looked up.

use crate::Error;
use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use proto::id::SessionId;
use std::fmt;
use store::seal::{self, Sealer};
use uuid::Uuid;
use zeroize::Zeroizing;

const PREFIX: &str = "rt_";
const BODY: usize = 16 + 8;
const TAG: usize = 32;
const CHECKSUM: usize = 4;
/// A multiple of three, so that base64 has no spare bits and each token has one text.
const BYTES: usize = BODY + TAG + CHECKSUM;

/// The secret of a session, from which its refresh tokens come.
pub(crate) struct Secret(Zeroizing<[u8; 32]>);

/// A refresh token. Its `Display` is the token itself: it is for the answer, never for a log.
pub(crate) struct RefreshToken {
    pub(crate) session: SessionId,
    /// Rises by one with each rotation.
    pub(crate) generation: i64,
    tag: [u8; TAG],
}

impl Secret {
    /// A new one.
    pub(crate) fn generate() -> Self {
        Self(Zeroizing::new(rand::random()))
    }

    /// For the row of `session`, and of no use in another.
    pub(crate) fn seal(&self, sealer: &Sealer, session: SessionId) -> Vec<u8> {
        sealer.seal(&*self.0, place(session).as_bytes())
    }

    /// Opens what `seal` made. Errors: [`Error::Seal`].
    pub(crate) fn open(sealer: &Sealer, sealed: &[u8], session: SessionId) -> Result<Self, Error> {
        let opened = sealer.open(sealed, place(session).as_bytes())?;
        let secret = opened.as_slice().try_into().map_err(|_| seal::Error::Damaged)?;
        Ok(Self(Zeroizing::new(secret)))
    }

    fn key(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, &*self.0)
    }
}

pub(crate) fn place(session: SessionId) -> String {
    format!("identity/sessions/secret/{session}")
}

impl RefreshToken {
    /// The token of a generation: always the same.
    pub(crate) fn derive(secret: &Secret, session: SessionId, generation: i64) -> Result<Self, Error> {
        let tag = hmac::sign(&secret.key(), &body(session, generation));
        let tag = tag.as_ref().try_into().map_err(|_| Error::Internal("HMAC-SHA-256 has 32 bytes".to_owned()))?;
        Ok(Self { session, generation, tag })
    }

    /// Reads a token whose checksum is right. Whether it is one of ours only [`RefreshToken::is_of`] tells.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix(PREFIX).filter(|t| t.len() == BYTES / 3 * 4)?;
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (signed, checksum) = bytes.split_last_chunk::<CHECKSUM>()?;
        if crc32fast::hash(signed).to_be_bytes() != *checksum {
            return None;
        }
        let (session, rest) = signed.split_first_chunk::<16>()?;
        let (generation, tag) = rest.split_first_chunk::<8>()?;
        Some(Self {
            session: SessionId::from_uuid(Uuid::from_bytes(*session)),
            generation: i64::from_be_bytes(*generation),
            tag: tag.try_into().ok()?,
        })
    }

    /// Whether it was made with this secret. Takes the same time whatever is wrong with it.
    pub(crate) fn is_of(&self, secret: &Secret) -> bool {
        hmac::verify(&secret.key(), &body(self.session, self.generation), &self.tag).is_ok()
    }
}

impl fmt::Display for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = Vec::with_capacity(BYTES);
        bytes.extend_from_slice(&body(self.session, self.generation));
        bytes.extend_from_slice(&self.tag);
        bytes.extend_from_slice(&crc32fast::hash(&bytes).to_be_bytes());
        write!(f, "{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))
    }
}

fn body(session: SessionId, generation: i64) -> [u8; BODY] {
    let mut body = [0; BODY];
    let (id, number) = body.split_at_mut(16);
    id.copy_from_slice(session.uuid().as_bytes());
    number.copy_from_slice(&generation.to_be_bytes());
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(n: u128) -> SessionId {
        SessionId::from_uuid(Uuid::from_u128(n))
    }

    #[test]
    fn a_token_is_read_as_it_was_written_and_always_the_same() {
        let secret = Secret::generate();
        let text = RefreshToken::derive(&secret, session(7), 3).unwrap().to_string();
        assert_eq!(text, RefreshToken::derive(&secret, session(7), 3).unwrap().to_string());
        assert_eq!(text.len(), 83);
        let token = RefreshToken::parse(&text).expect("a token");
        assert_eq!((token.session, token.generation), (session(7), 3));
        assert!(token.is_of(&secret));
        assert!(!token.is_of(&Secret::generate()));
    }

    #[test]
    fn no_changed_character_goes_unnoticed() {
        let secret = Secret::generate();
        let text = RefreshToken::derive(&secret, session(7), 3).unwrap().to_string();
        for i in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[i] = if changed[i] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(RefreshToken::parse(&changed).is_none(), "position {i}");
        }
        for garbage in ["", "rt_", "rt_AAAA", &text[..80], &format!("{text}A"), "rt_ção"] {
            assert!(RefreshToken::parse(garbage).is_none(), "{garbage:?}");
        }
    }

    #[test]
    fn a_token_with_a_right_checksum_and_another_generation_is_not_ours() {
        let secret = Secret::generate();
        let mut token = RefreshToken::derive(&secret, session(7), 3).unwrap();
        token.generation = 4;
        let forged = RefreshToken::parse(&token.to_string()).expect("the checksum is right");
        assert!(!forged.is_of(&secret));
    }

    #[test]
    fn a_secret_copied_to_another_session_does_not_open() {
        let sealer = seal::MasterKey::generate().sealer();
        let sealed = Secret::generate().seal(&sealer, session(1));
        assert!(Secret::open(&sealer, &sealed, session(1)).is_ok());
        assert!(matches!(Secret::open(&sealer, &sealed, session(2)), Err(Error::Seal(_))));
    }
}

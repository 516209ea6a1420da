//! What do links in letters hold? A secret that works once, for one purpose, for a while. Kept as its SHA-256 only.

use crate::{Error, letter::Kind};
use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use proto::id::UserId;
use store::Tx;
use uuid::Uuid;
use zeroize::Zeroizing;

const PREFIX: &str = "ot_";
const BYTES: usize = 32;

/// What a token is good for.
pub(crate) struct Of {
    pub(crate) kind: Kind,
    pub(crate) user: Option<UserId>,
    pub(crate) sign_up: Option<Uuid>,
    /// Where it was sent: who shows it reads that address.
    pub(crate) email: String,
}

store::row! {
    struct Taken {
        purpose: String,
        user_id: Option<UserId>,
        sign_up_id: Option<Uuid>,
        email: String,
    }
}

/// A new token, kept in this transaction.
pub(crate) async fn make(tx: &mut Tx, of: &Of, until: DateTime<Utc>) -> Result<Zeroizing<String>, Error> {
    let secret: Zeroizing<[u8; BYTES]> = Zeroizing::new(rand::random());
    let token = write(&secret);
    let values = [
        hash(&token).into(),
        of.kind.as_str().into(),
        of.user.into(),
        of.sign_up.into(),
        of.email.as_str().into(),
        until.into(),
    ];
    tx.execute(store::sql!("one_time_token/insert"), &values).await?;
    Ok(token)
}

fn write(secret: &[u8; BYTES]) -> Zeroizing<String> {
    Zeroizing::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(secret)))
}

/// Spends a token, if it holds and is for one of these purposes; it is spent once the transaction commits.
/// Errors: [`Error::LinkInvalid`].
pub(crate) async fn take(tx: &mut Tx, token: &str, kinds: &[Kind], now: DateTime<Utc>) -> Result<Of, Error> {
    if !token.starts_with(PREFIX) || token.len() > 128 {
        return Err(Error::LinkInvalid);
    }
    let taken: Option<Taken> =
        tx.fetch_optional(store::sql!("one_time_token/take"), &[hash(token).into(), now.into()]).await?;
    let Taken { purpose, user_id, sign_up_id, email } = taken.ok_or(Error::LinkInvalid)?;
    // One for another purpose stays as it was: the caller's transaction does not commit.
    let kind = Kind::parse(&purpose).filter(|kind| kinds.contains(kind)).ok_or(Error::LinkInvalid)?;
    Ok(Of { kind, user: user_id, sign_up: sign_up_id, email })
}

fn hash(token: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, token.as_bytes()).as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_256_bits_of_chance() {
        let mut seen = std::collections::BTreeSet::new();
        for bit in 0..256 {
            let mut secret = [0; BYTES];
            secret[bit / 8] = 1 << (bit % 8);
            assert!(seen.insert(hash(&write(&secret))), "bit {bit} is lost");
        }
    }
}

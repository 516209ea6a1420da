//! The public halves of the signing keys, as RFC 7517 and RFC 8037 write them. Answers `GetJwks`.

use super::keys::{Key, Keys};
use crate::Error;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use proto::identity as pb;
use serde_json::json;

/// Every key that verifies now or will soon.
pub(crate) async fn get(keys: &Keys) -> Result<pb::GetJwksResponse, Error> {
    let keys: Vec<_> = keys.published().await?.iter().map(|k| jwk(k)).collect();
    Ok(pb::GetJwksResponse { jwks_json: json!({ "keys": keys }).to_string() })
}

fn jwk(key: &Key) -> serde_json::Value {
    json!({
        "kty": "OKP",
        "crv": "Ed25519",
        "alg": "EdDSA",
        "use": "sig",
        "kid": key.kid,
        "x": URL_SAFE_NO_PAD.encode(&key.public),
    })
}

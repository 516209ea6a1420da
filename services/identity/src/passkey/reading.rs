//! What is in an answer of a device? Read before anything is known of it, so nothing in it is believed.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_cbor_2::Value;
use uuid::Uuid;

/// No answer is longer, not even one with the certificates of an attestation.
const MAX_BYTES: usize = 64 * 1024;
/// Where the kind of authenticator stands in authenticator data (WebAuthn, sections 6.1 and 6.5.1).
const AAGUID: std::ops::Range<usize> = 37..53;

/// Reads the JSON of a browser. None for what is none.
pub(super) fn json<'a, T: Deserialize<'a>>(text: &'a str) -> Option<T> {
    if text.len() > MAX_BYTES {
        return None;
    }
    serde_json::from_str(text).ok()
}

/// The challenge that the browser answered.
pub(super) fn challenge(client_data: &[u8]) -> Option<Vec<u8>> {
    #[derive(Deserialize)]
    struct ClientData {
        challenge: String,
    }
    let read: ClientData = serde_json::from_slice(client_data).ok()?;
    URL_SAFE_NO_PAD.decode(read.challenge).ok()
}

/// Which kind of authenticator says that it made a passkey; all zeros where none does.
pub(super) fn aaguid(attestation_object: &[u8]) -> Uuid {
    let read = || {
        let Value::Map(object) = serde_cbor_2::from_slice(attestation_object).ok()? else { return None };
        let Value::Bytes(data) = object.get(&Value::Text("authData".to_owned()))? else { return None };
        Uuid::from_slice(data.get(AAGUID)?).ok()
    };
    read().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_answer_is_none() {
        assert_eq!(json::<serde_json::Value>("{"), None);
        assert_eq!(json::<serde_json::Value>(&format!("\"{}\"", "a".repeat(MAX_BYTES))), None, "too long");
        assert_eq!(challenge(b"{}"), None);
        assert_eq!(challenge(br#"{"challenge":"not base64!"}"#), None);
        assert_eq!(challenge(br#"{"challenge":"AQID","type":"webauthn.get"}"#), Some(vec![1, 2, 3]));
        for odd in [&b""[..], b"\xa0", b"\xff", b"\xa1\x68authData\x41\x00"] {
            assert_eq!(aaguid(odd), Uuid::nil());
        }
    }
}

//! What events are signed with: Standard Webhooks 1.0.0, symmetric.

use crate::error::Error;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use proto::id::{WebhookId, WorkspaceId};
use sha2::Sha256;
use store::seal::Sealer;
use zeroize::Zeroizing;

/// So that people and scanners recognise one.
const PREFIX: &str = "whsec_";
/// The specification asks for 24 to 64.
const BYTES: usize = 32;

/// The bytes that sign.
pub(super) struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// A new one.
    pub(super) fn generate() -> Self {
        let mut bytes = Zeroizing::new(vec![0; BYTES]);
        aws_lc_rs::rand::fill(&mut bytes).expect("the system has random numbers");
        Self(bytes)
    }

    /// `whsec_…`, as their owners keep it.
    pub(super) fn text(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&*self.0))
    }

    /// Sealed for this webhook: copied to another, or to another workspace, it does not open.
    pub(super) fn seal(&self, sealer: &Sealer, workspace: WorkspaceId, webhook: WebhookId) -> Vec<u8> {
        sealer.seal(&self.0, &place(workspace, webhook))
    }

    /// Opens what [`Self::seal`] made for the same webhook. Errors: [`Error::Sealed`].
    pub(super) fn open(
        sealer: &Sealer,
        workspace: WorkspaceId,
        webhook: WebhookId,
        sealed: &[u8],
    ) -> Result<Self, Error> {
        Ok(Self(Zeroizing::new(sealer.open(sealed, &place(workspace, webhook))?.to_vec())))
    }

    /// One entry of the header `webhook-signature`. `timestamp`: seconds since 1970.
    pub(super) fn sign(&self, id: &str, timestamp: i64, body: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        for part in [id, ".", &timestamp.to_string(), ".", body] {
            mac.update(part.as_bytes());
        }
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

fn place(workspace: WorkspaceId, webhook: WebhookId) -> Vec<u8> {
    format!("webhooks/{webhook}/{workspace}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::seal::DataKey;
    use uuid::Uuid;

    #[test]
    fn it_signs_as_others_do() {
        // A vector of another implementation of the specification.
        let secret = Secret(Zeroizing::new(STANDARD.decode("AAECAwQFBgcICQoLDA0ODxAREhMUFRYX").unwrap()));
        let body = r#"{"type":"invoice.paid","timestamp":"2023-11-14T22:13:20Z","data":{"id":"inv_1"}}"#;
        let signature = secret.sign("msg_test_1", 1_700_000_000, body);
        assert_eq!(signature, "v1,2nrsm9RFh+dkErlKMAJQ3ajlGca598kwF3GSLvdi5hs=");
    }

    #[test]
    fn each_is_another_and_opens_in_its_place_only() {
        let (one, two) = (Secret::generate(), Secret::generate());
        assert_ne!(one.text(), two.text());
        assert_eq!(STANDARD.decode(one.text().strip_prefix(PREFIX).unwrap()).unwrap().len(), BYTES);
        let id = |n: u128| Uuid::from_u128(n);
        let (workspace, webhook) = (WorkspaceId::from_uuid(id(1)), WebhookId::from_uuid(id(2)));
        let sealer = DataKey::generate().sealer();
        let sealed = one.seal(&sealer, workspace, webhook);
        assert_eq!(Secret::open(&sealer, workspace, webhook, &sealed).unwrap().text(), one.text());
        assert!(Secret::open(&sealer, workspace, WebhookId::from_uuid(id(3)), &sealed).is_err());
        assert!(Secret::open(&sealer, WorkspaceId::from_uuid(id(3)), webhook, &sealed).is_err());
    }
}

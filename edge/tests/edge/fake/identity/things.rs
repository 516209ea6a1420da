//! What the fake has.

use super::super::{ANA, IDENTITY, PASSKEY, TOKEN, WORKSPACE, at};
use proto::identity::*;

pub(super) fn ana() -> Option<User> {
    Some(User {
        id: ANA.into(),
        email: "ana@example.com".into(),
        name: "Ana".into(),
        locale: "en".into(),
        email_verified: false,
        mfa_enabled: false,
        created_at: at(1_790_000_000),
    })
}

pub(super) fn membership() -> Membership {
    Membership { workspace_id: WORKSPACE.into(), name: "Acme".into(), role: "owner".into() }
}

pub(super) fn identity() -> LinkedIdentity {
    LinkedIdentity {
        id: IDENTITY.into(),
        provider: "google".into(),
        issuer: "https://accounts.google.com".into(),
        email: String::new(),
        created_at: at(1_790_000_000),
        last_used_at: None,
    }
}

pub(super) fn consent() -> Consent {
    Consent {
        kind: "terms".into(),
        version: "1".into(),
        url: "https://example.com/terms".into(),
        accepted_at: at(1_790_000_000),
        address: String::new(),
    }
}

pub(super) fn passkey() -> Passkey {
    Passkey {
        id: PASSKEY.into(),
        name: "Ana's phone".into(),
        created_at: at(1_790_000_000),
        last_used_at: None,
        aaguid: "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4".into(),
        transports: vec!["internal".into(), "hybrid".into()],
        backup_eligible: true,
        backed_up: false,
    }
}

pub(super) fn tokens() -> Option<TokenPair> {
    Some(TokenPair { access_token: TOKEN.into(), refresh_token: "rt_1".into(), expires_in: 900 })
}

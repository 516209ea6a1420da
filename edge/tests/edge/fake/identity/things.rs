//! What the fake has.

use super::super::{
    ADMIN_TOKEN, ANA, IDENTITY, KEY_ID, OPERATOR_TOKEN, PASSKEY, READING_TOKEN, SESSION, STAFF, STAFF_SESSION, TOKEN,
    WORKSPACE, WRITING_TOKEN, at,
};
use proto::{
    Reason,
    identity::*,
    limits::{Budget, Limits, Period},
};
use tonic::Status;

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

/// Somebody of the staff who acts for Ana.
pub(super) fn acting() -> Option<Impersonation> {
    Some(Impersonation {
        id: SESSION.into(),
        operator_id: STAFF.into(),
        user_id: ANA.into(),
        workspace_id: WORKSPACE.into(),
        reason: "Ticket 4711: nothing is shown".into(),
        write: false,
        created_at: at(1_790_000_000),
        expires_at: at(1_790_001_800),
        ended_at: None,
        end_reason: String::new(),
    })
}

const BUDGET: Budget = Budget { amount_micros: 25_000_000, period: Period::Month as i32, soft: false };

pub(super) fn key(revoked: bool) -> Option<ApiKey> {
    Some(ApiKey {
        id: KEY_ID.into(),
        workspace_id: WORKSPACE.into(),
        name: "production".into(),
        prefix: "pk_4fT9aB".into(),
        scopes: vec!["inference".into()],
        limits: Some(Limits { rpm: Some(60), budgets: vec![BUDGET], ..Limits::default() }),
        active: !revoked,
        created_by: ANA.into(),
        created_at: at(1_790_000_000),
        allowed_models: vec!["gpt-5-mini".into()],
        user_id: ANA.into(),
        revoked_at: revoked.then(|| at(1_790_000_100)).flatten(),
        ..ApiKey::default()
    })
}

pub(super) fn domain(verified: bool) -> Domain {
    Domain {
        domain: if verified { "acme.example".into() } else { "xn--bcher-kva.example".into() },
        verified,
        created_at: at(1_790_000_000),
        verified_at: if verified { at(1_790_000_100) } else { None },
        checked_at: if verified { at(1_790_000_100) } else { None },
        missing_since: None,
        record_name: "_perpetuo-challenge.acme.example".into(),
        record_value: "perpetuo-domain-verification=token".into(),
    }
}

pub(super) fn unproved<T>() -> Result<T, Status> {
    let failure = Reason::DomainUnproved.with("name servers have no such record");
    Err(failure
        .fact("record", "_perpetuo-challenge.other.example")
        .fact("value", "perpetuo-domain-verification=token")
        .into())
}

pub(super) fn sso() -> Option<Sso> {
    Some(Sso {
        issuer: "https://login.acme.example".into(),
        client_id: "perpetuo".into(),
        has_client_secret: true,
        enforced: false,
        default_role: "member".into(),
        provision: true,
        callback_url: format!("https://api.example.com/api/v1/auth/sso/{WORKSPACE}/callback"),
        created_at: at(1_790_000_000),
        updated_at: at(1_790_000_000),
    })
}

/// Whose access token it is.
pub(super) fn whose(request: &ResolveTokenRequest) -> Result<ResolveTokenResponse, Status> {
    match request.access_token.as_str() {
        token @ (READING_TOKEN | WRITING_TOKEN) if request.knows_impersonation => Ok(ResolveTokenResponse {
            user_id: ANA.into(),
            session_id: SESSION.into(),
            workspace_id: WORKSPACE.into(),
            expires_at: at(4_000_000_000),
            impersonator_id: STAFF.into(),
            impersonator_session_id: STAFF_SESSION.into(),
            impersonator_may_write: token == WRITING_TOKEN,
            ..ResolveTokenResponse::default()
        }),
        token @ (TOKEN | OPERATOR_TOKEN | ADMIN_TOKEN) => Ok(ResolveTokenResponse {
            user_id: ANA.into(),
            session_id: SESSION.into(),
            workspace_id: WORKSPACE.into(),
            expires_at: at(4_000_000_000),
            platform_role: match token {
                OPERATOR_TOKEN => "developer".into(),
                ADMIN_TOKEN => "admin".into(),
                _ => String::new(),
            },
            ..ResolveTokenResponse::default()
        }),
        "ana.expired.token" => Err(Reason::TokenExpired.with("the access token has expired").into()),
        _ => Err(Reason::TokenInvalid.with("the access token is not one of ours").into()),
    }
}

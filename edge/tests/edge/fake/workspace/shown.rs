//! What the workspace service shows of workspaces, members, providers and the trail.

use crate::fake::{ANA, INVITATION, PROVIDER, WORKSPACE, at};
use proto::{Permission, Reason, workspace::*};
use tonic::Status;

pub fn acme() -> Option<Workspace> {
    Some(Workspace {
        id: WORKSPACE.into(),
        name: "Acme".into(),
        plan: "free".into(),
        role: "owner".into(),
        currency: "USD".into(),
        time_zone: "UTC".into(),
        locale: "en".into(),
        limits: None,
        per_user: None,
        per_model: None,
        created_at: at(1_790_000_000),
        deleted_at: None,
        purge_at: None,
    })
}

/// The same, deleted.
pub fn closed() -> Option<Workspace> {
    let (deleted_at, purge_at) = (at(1_790_000_000), at(1_792_592_000));
    acme().map(|acme| Workspace { deleted_at, purge_at, ..acme })
}

pub fn member(role: &str) -> Option<Member> {
    Some(Member {
        user_id: ANA.into(),
        email: "ana@example.com".into(),
        name: "Ana".into(),
        role: role.into(),
        created_at: at(1_790_000_000),
    })
}

pub fn invitation(expired: bool) -> Option<Invitation> {
    Some(Invitation {
        id: INVITATION.into(),
        email: "bob@example.com".into(),
        role: "member".into(),
        locale: "pt-BR".into(),
        invited_by: ANA.into(),
        created_at: at(1_790_000_000),
        expires_at: at(1_790_604_800),
        sent_at: None,
        expired,
    })
}

pub fn provider(name: &str) -> Option<Provider> {
    Some(Provider {
        id: PROVIDER.into(),
        provider: "openai".into(),
        name: name.into(),
        base_url: "https://api.openai.com/v1".into(),
        priority: 0,
        weight: 1,
        enabled: true,
        models: vec!["gpt-5-mini".into()],
        key_hint: "abcd".into(),
        options_json: r#"{"include_usage":false}"#.into(),
        created_at: at(1_790_000_000),
        updated_at: at(1_790_000_000),
    })
}

pub fn platform_provider(name: &str) -> Option<PlatformProvider> {
    Some(PlatformProvider { provider: provider(name), plans: vec!["pro".into()], workspaces: vec![WORKSPACE.into()] })
}

pub fn audit_event(subject: &str) -> AuditEvent {
    AuditEvent {
        id: "evt_01k9tq6j3se5mb1pt2xdv6q3kx".into(),
        at: at(1_790_000_000),
        actor: ANA.into(),
        action: "provider.created".into(),
        subject: subject.into(),
        request_id: String::new(),
        details_json: r#"{"name":"main"}"#.into(),
        source: "workspace".into(),
        seq: Some(7),
        hash: vec![0xab; 32].into(),
    }
}

pub fn audit_head() -> AuditHead {
    AuditHead {
        workspace_id: WORKSPACE.into(),
        seq: 7,
        hash: vec![0xab; 32].into(),
        at: at(1_790_000_000),
        signature: vec![1; 64].into(),
        public_key: vec![2; 32].into(),
    }
}

pub fn act(n: u8) -> Act {
    Act {
        id: format!("evt_{n}"),
        workspace_id: WORKSPACE.into(),
        at: at(1_790_000_000),
        action: "workspace.created".into(),
        subject: WORKSPACE.into(),
        impersonator: String::new(),
    }
}

/// The trail, as far as this actor is in it.
pub fn audit_pieces(actor: &str) -> Vec<Result<ExportAuditEventsResponse, Status>> {
    let of = |subject: &str| ExportAuditEventsResponse { events: vec![audit_event(subject)], head: None };
    match actor {
        "nobody" => vec![],
        "broken" => vec![Ok(of("a")), Err(Reason::ServiceUnavailable.with("the database is away").into())],
        _ => {
            let head = ExportAuditEventsResponse { events: vec![], head: Some(audit_head()) };
            vec![Ok(head), Ok(of("=cmd()")), Ok(of("b"))]
        }
    }
}

/// Ana may do everything in her workspace, and nobody anything elsewhere.
pub fn owner(request: &ResolveMemberRequest) -> Result<ResolveMemberResponse, Status> {
    if request.workspace_id != WORKSPACE {
        return Err(Reason::NotFound.with("there is no such workspace, or you are no member of it").into());
    }
    let permissions = Permission::ALL.iter().map(|p| p.as_str().to_owned()).collect();
    Ok(ResolveMemberResponse { role: "owner".into(), permissions })
}

pub fn acts(request: &ListActsRequest) -> ListActsResponse {
    if request.page_token.is_empty() {
        return ListActsResponse { acts: vec![act(2)], next_page_token: "more".into() };
    }
    ListActsResponse { acts: vec![act(1)], next_page_token: String::new() }
}

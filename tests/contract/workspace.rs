//! What workspace promises.

use crate::{Handles, anonymous, checks, reason};
use anyhow::{Context as _, ensure};
use futures::StreamExt as _;
use proto::{
    Call, Permission, Reason, Role,
    gateway::TestPlatformProviderRequest,
    guardrails::{self, Action, Rule},
    routing::{Alias, Settings, Target},
    workspace::{
        AcceptInvitationRequest, AnswerPlace, ChangeMemberRoleRequest, CheckInvitationRequest, CheckRoutingRequest,
        ClaimAnswerRequest, CreateInvitationRequest, CreatePlatformProviderRequest, CreateProviderRequest,
        CreateWorkspaceRequest, DeletePlatformProviderRequest, DeleteProviderRequest, DeleteResponseRequest,
        DeleteWorkspaceRequest, EraseAnswersRequest, ExportAuditEventsRequest, GetGuardrailsRequest,
        GetPlatformProviderRequest, GetProviderRequest, GetRoutingRequest, GetWorkspaceRequest, KeepAnswerRequest,
        KeepResponseRequest, KeptResponse, LeaveWorkspaceRequest, ListAuditEventsRequest, ListDoomedExecutionsRequest,
        ListInvitationsRequest, ListMembersRequest, ListMembershipsRequest, ListProvidersRequest,
        ListWorkspacesRequest, OpenPlatformProviderRequest, OpenResponseRequest, OpenRoutingRequest,
        ProvisionWorkspaceRequest, PutGuardrailsRequest, PutRoutingRequest, ReleaseAnswerRequest, RemoveMemberRequest,
        ResendInvitationRequest, ResolveMemberRequest, RestoreWorkspaceRequest, RevokeInvitationRequest,
        TransferOwnershipRequest, UpdatePlatformProviderRequest, UpdateProviderRequest, UpdateWorkspaceRequest,
    },
};
use tests::eventually;

checks!(
    a_workspace_is_made_listed_read_and_changed,
    the_trail_is_listed_and_exported,
    provisioning_twice_is_once,
    strangers_are_no_members,
    a_provider_lives_and_its_credential_is_opened_for_the_gateway_only,
    a_provider_of_another_workspace_does_not_exist,
    a_provider_of_the_platform_lives_and_is_opened_for_the_gateway_only,
    routing_is_checked_put_read_and_opened_for_the_gateway,
    guardrails_are_put_read_and_opened_for_the_gateway,
    an_answer_is_claimed_kept_and_given_back,
    a_response_is_kept_opened_and_erased,
    members_of_a_workspace_come_only_by_letter_and_the_last_owner_stays,
);

async fn a_workspace_is_made_listed_read_and_changed(h: &Handles) -> anyhow::Result<()> {
    let mut call = h.somebody().await?.call;
    let request = CreateWorkspaceRequest { name: "Lab".to_owned(), locale: "pt-BR".to_owned(), ..Default::default() };
    let made = h.workspaces.create_workspace(&call, request).await?.workspace.unwrap_or_default();
    ensure!(made.currency == "BRL" && made.time_zone == "America/Sao_Paulo" && made.plan == "free", "{made:?}");
    let listed = h.workspaces.list_workspaces(&call, ListWorkspacesRequest::default()).await?.workspaces;
    ensure!(listed.len() == 2 && listed[0].id == made.id && listed[0].role == "owner", "{listed:?}");
    call.workspace = Some(made.id.parse()?);
    let request = UpdateWorkspaceRequest { name: Some("Laboratory".to_owned()), ..Default::default() };
    h.workspaces.update_workspace(&call, request).await?;
    let read = h.workspaces.get_workspace(&call, GetWorkspaceRequest {}).await?.workspace.unwrap_or_default();
    ensure!(read.name == "Laboratory" && read.currency == "BRL", "{read:?}");
    let members = h.workspaces.list_members(&call, ListMembersRequest::default()).await?.members;
    ensure!(members.len() == 1 && members[0].role == "owner", "{members:?}");
    Ok(())
}

async fn the_trail_is_listed_and_exported(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    h.workspaces.create_provider(&ada.call, provider()).await?;
    eventually(async || {
        let listed = h.workspaces.list_audit_events(&ada.call, ListAuditEventsRequest::default()).await?.events;
        ensure!(listed.iter().any(|event| event.action == "provider.created"), "{listed:?}");
        let mut pieces = h.workspaces.export_audit_events(&ada.call, ExportAuditEventsRequest::default()).await?;
        let mut exported = vec![];
        while let Some(piece) = pieces.next().await.transpose()? {
            exported.extend(piece.events);
        }
        exported.reverse();
        ensure!(exported == listed, "{exported:?} {listed:?}");
        Ok(())
    })
    .await
}

async fn provisioning_twice_is_once(h: &Handles) -> anyhow::Result<()> {
    let identity = h.called_by(Role::Identity);
    let user = proto::id::UserId::from_uuid(crate::random()).to_string();
    let request = ProvisionWorkspaceRequest {
        workspace_id: proto::id::WorkspaceId::from_uuid(crate::random()).to_string(),
        owner_user_id: user.clone(),
        owner_email: "a@example.com".to_owned(),
        owner_name: "Ada".to_owned(),
        name: String::new(),
        locale: "en".to_owned(),
    };
    identity.workspaces.provision_workspace(&anonymous(), request.clone()).await?;
    identity.workspaces.provision_workspace(&anonymous(), request.clone()).await?;
    let list = ListMembershipsRequest { user_id: user };
    let memberships = identity.workspaces.list_memberships(&anonymous(), list).await?.memberships;
    ensure!(memberships.len() == 1 && memberships[0].name == "Ada's workspace", "{memberships:?}");
    let other = proto::id::UserId::from_uuid(crate::random()).to_string();
    let stolen = ProvisionWorkspaceRequest { owner_user_id: other, ..request };
    let refused = reason(identity.workspaces.provision_workspace(&anonymous(), stolen).await)?;
    ensure!(refused == Reason::Conflict, "{refused:?}");
    Ok(())
}

async fn strangers_are_no_members(h: &Handles) -> anyhow::Result<()> {
    let (ada, eve) = (h.somebody().await?, h.somebody().await?);
    let request = ResolveMemberRequest { workspace_id: ada.workspace.to_string(), user_id: eve.user.to_string() };
    let refused = reason(h.workspaces.resolve_member(&anonymous(), request).await)?;
    ensure!(refused == Reason::NotFound, "{refused:?}");
    Ok(())
}

fn provider() -> CreateProviderRequest {
    CreateProviderRequest {
        provider: "openai".to_owned(),
        api_key: Some("sk-secret-4242".to_owned()),
        name: "mine".to_owned(),
        base_url: "https://api.example.com/v1/".to_owned(),
        ..Default::default()
    }
}

async fn a_provider_lives_and_its_credential_is_opened_for_the_gateway_only(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    ensure!(!format!("{:?}", provider()).contains("sk-secret-4242"), "the request prints its key");
    let made = h.workspaces.create_provider(&ada.call, provider()).await?.provider.unwrap_or_default();
    ensure!(made.base_url == "https://api.example.com/v1" && made.key_hint == "4242" && made.enabled, "{made:?}");
    let request = OpenRoutingRequest { workspace_id: ada.workspace.to_string() };
    let open = h.called_by(Role::Gateway).workspaces.open_routing(&anonymous(), request).await?;
    ensure!(open.providers.len() == 1 && open.providers[0].api_key == "sk-secret-4242", "{open:?}");
    ensure!(!format!("{open:?}").contains("sk-secret"), "routing prints its keys");
    let request = UpdateProviderRequest { provider_id: made.id.clone(), priority: Some(3), ..Default::default() };
    let changed = h.workspaces.update_provider(&ada.call, request).await?.provider.unwrap_or_default();
    ensure!(changed.priority == 3 && changed.key_hint == "4242", "{changed:?}");
    let read = GetProviderRequest { provider_id: made.id.clone() };
    ensure!(h.workspaces.get_provider(&ada.call, read.clone()).await?.provider == Some(changed), "reads differ");
    let listed = h.workspaces.list_providers(&ada.call, ListProvidersRequest::default()).await?.providers;
    ensure!(listed.len() == 1, "{listed:?}");
    h.workspaces.delete_provider(&ada.call, DeleteProviderRequest { provider_id: made.id }).await?;
    ensure!(reason(h.workspaces.get_provider(&ada.call, read).await)? == Reason::NotFound, "still there");
    Ok(())
}

async fn a_provider_of_another_workspace_does_not_exist(h: &Handles) -> anyhow::Result<()> {
    let (ada, eve) = (h.somebody().await?, h.somebody().await?);
    let id = h.workspaces.create_provider(&ada.call, provider()).await?.provider.unwrap_or_default().id;
    let update = UpdateProviderRequest { provider_id: id.clone(), priority: Some(1), ..Default::default() };
    let refused = [
        reason(h.workspaces.get_provider(&eve.call, GetProviderRequest { provider_id: id.clone() }).await)?,
        reason(h.workspaces.update_provider(&eve.call, update).await)?,
        reason(h.workspaces.delete_provider(&eve.call, DeleteProviderRequest { provider_id: id }).await)?,
    ];
    ensure!(refused.iter().all(|r| *r == Reason::NotFound), "{refused:?}");
    Ok(())
}

async fn a_provider_of_the_platform_lives_and_is_opened_for_the_gateway_only(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let may = ada.call.scopes.with(Permission::PlatformRead).with(Permission::PlatformWrite);
    let operator = Call { scopes: may, ..ada.call.clone() };
    // For this workspace only: others have tests of their own.
    let new = CreatePlatformProviderRequest {
        provider: Some(CreateProviderRequest { name: format!("p-{}", crate::random().simple()), ..provider() }),
        workspaces: vec![ada.workspace.to_string()],
        ..Default::default()
    };
    ensure!(reason(h.workspaces.create_platform_provider(&ada.call, new.clone()).await)? == Reason::PermissionDenied);
    let made = h.workspaces.create_platform_provider(&operator, new).await?.provider.unwrap_or_default();
    let shown = made.provider.clone().unwrap_or_default();
    ensure!(!shown.key_hint.is_empty() && made.workspaces == [ada.workspace.to_string()], "{made:?}");
    let id = shown.id;
    let get = || GetPlatformProviderRequest { provider_id: id.clone() };
    ensure!(reason(h.workspaces.get_platform_provider(&ada.call, get()).await)? == Reason::PermissionDenied);
    let read = h.workspaces.get_platform_provider(&operator, get()).await?.provider;
    ensure!(read.as_ref() == Some(&made), "{read:?}");
    let listed = h.workspaces.list_platform_providers(&operator, Default::default()).await?.providers;
    ensure!(listed.contains(&made), "{listed:?}");
    let open = OpenPlatformProviderRequest { provider_id: id.clone() };
    ensure!(reason(h.workspaces.open_platform_provider(&operator, open.clone()).await)? == Reason::PermissionDenied);
    let gateway = h.called_by(Role::Gateway);
    let opened = gateway.workspaces.open_platform_provider(&anonymous(), open).await?;
    let key = opened.provider.unwrap_or_default().api_key;
    ensure!(opened.enabled && key == provider().api_key.unwrap_or_default(), "another key");
    let routing = OpenRoutingRequest { workspace_id: ada.workspace.to_string() };
    let offered = gateway.workspaces.open_routing(&anonymous(), routing.clone()).await?.platform_providers;
    ensure!(offered.len() == 1 && offered[0].id == id && offered[0].api_key == key, "not offered");
    let off = UpdatePlatformProviderRequest {
        provider: Some(UpdateProviderRequest { provider_id: id.clone(), enabled: Some(false), ..Default::default() }),
        ..Default::default()
    };
    let changed = h.workspaces.update_platform_provider(&operator, off).await?.provider.unwrap_or_default();
    ensure!(changed.provider.is_some_and(|provider| !provider.enabled), "still enabled");
    let offered = gateway.workspaces.open_routing(&anonymous(), routing).await?.platform_providers;
    ensure!(offered.is_empty(), "still offered");
    let test = TestPlatformProviderRequest { provider_id: id.clone() };
    ensure!(reason(h.gateway.test_platform_provider(&ada.call, test.clone()).await)? == Reason::PermissionDenied);
    let tested = h.gateway.test_platform_provider(&operator, test).await?.result.unwrap_or_default();
    ensure!(!tested.ok && tested.error.contains("disabled"), "{tested:?}");
    let delete = DeletePlatformProviderRequest { provider_id: id.clone() };
    h.workspaces.delete_platform_provider(&operator, delete).await?;
    ensure!(reason(h.workspaces.get_platform_provider(&operator, get()).await)? == Reason::NotFound, "still there");
    Ok(())
}

async fn routing_is_checked_put_read_and_opened_for_the_gateway(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let to = |model: &str| {
        let targets = vec![Target { model: model.to_owned(), ..Default::default() }];
        let aliases = [("smart".to_owned(), Alias { targets, policy: None })].into();
        Some(Settings { aliases, ..Default::default() })
    };
    let refused = [
        reason(h.workspaces.check_routing(&ada.call, CheckRoutingRequest { routing: to("nobody/x") }).await)?,
        reason(h.workspaces.put_routing(&ada.call, PutRoutingRequest { routing: to("nobody/x") }).await)?,
    ];
    ensure!(refused.iter().all(|r| *r == Reason::RefusedValue), "{refused:?}");
    let good = to("simulator/chat");
    h.workspaces.check_routing(&ada.call, CheckRoutingRequest { routing: good.clone() }).await?;
    let put = h.workspaces.put_routing(&ada.call, PutRoutingRequest { routing: good.clone() }).await?.routing;
    let read = h.workspaces.get_routing(&ada.call, GetRoutingRequest {}).await?.routing;
    let request = OpenRoutingRequest { workspace_id: ada.workspace.to_string() };
    let open = h.called_by(Role::Gateway).workspaces.open_routing(&anonymous(), request).await?.routing;
    h.workspaces.erase_answers(&ada.call, EraseAnswersRequest {}).await?;
    ensure!(put == good && read == good && open == good, "{put:?} {read:?} {open:?}");
    Ok(())
}

async fn guardrails_are_put_read_and_opened_for_the_gateway(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let of = |pattern: &str| {
        let rule = Rule {
            name: "keys".into(),
            action: Action::Block.into(),
            patterns: vec![pattern.into()],
            ..Default::default()
        };
        Some(guardrails::Settings { rules: vec![rule] })
    };
    let refused = reason(h.workspaces.put_guardrails(&ada.call, PutGuardrailsRequest { guardrails: of("(") }).await)?;
    ensure!(refused == Reason::RefusedValue, "{refused:?}");
    let good = of("sk-[a-z]+");
    let put =
        h.workspaces.put_guardrails(&ada.call, PutGuardrailsRequest { guardrails: good.clone() }).await?.guardrails;
    let read = h.workspaces.get_guardrails(&ada.call, GetGuardrailsRequest {}).await?.guardrails;
    let request = OpenRoutingRequest { workspace_id: ada.workspace.to_string() };
    let open = h.called_by(Role::Gateway).workspaces.open_routing(&anonymous(), request).await?.guardrails;
    ensure!(put == good && read == good && open == good, "{put:?} {read:?} {open:?}");
    Ok(())
}

async fn an_answer_is_claimed_kept_and_given_back(h: &Handles) -> anyhow::Result<()> {
    let (ada, gateway) = (h.somebody().await?, h.called_by(Role::Gateway).workspaces);
    let place = || AnswerPlace {
        workspace_id: ada.workspace.to_string(),
        key_sha256: vec![1; 32].into(),
        request_sha256: vec![2; 32].into(),
        holder: proto::id::RequestId::from_uuid(crate::random()).to_string(),
    };
    let claim = |place: &AnswerPlace| ClaimAnswerRequest { place: Some(place.clone()), lease_ms: 60_000 };
    let first = place();
    ensure!(gateway.claim_answer(&anonymous(), claim(&first)).await?.answer.is_none(), "an answer to nothing");
    gateway.release_answer(&anonymous(), ReleaseAnswerRequest { place: Some(first) }).await?;
    let second = place();
    ensure!(gateway.claim_answer(&anonymous(), claim(&second)).await?.answer.is_none(), "it was given back");
    ensure!(reason(gateway.claim_answer(&anonymous(), claim(&place())).await)? == Reason::Conflict, "it is taken");
    let keep = KeepAnswerRequest { place: Some(second), answer: b"hello"[..].into() };
    ensure!(
        !format!("{keep:?}").contains("hello") && !format!("{keep:?}").contains("104, 101"),
        "it prints its answer"
    );
    gateway.keep_answer(&anonymous(), keep).await?;
    let found = gateway.claim_answer(&anonymous(), claim(&place())).await?.answer;
    ensure!(found.as_deref() == Some(&b"hello"[..]), "it is not given again");
    Ok(())
}

async fn a_response_is_kept_opened_and_erased(h: &Handles) -> anyhow::Result<()> {
    let (ada, gateway) = (h.somebody().await?, h.called_by(Role::Gateway).workspaces);
    let workspace_id = ada.workspace.to_string();
    let response = KeptResponse {
        response_id: "resp_1".to_owned(),
        provider_id: "prov_x".to_owned(),
        content: b"hello"[..].into(),
        ..KeptResponse::default()
    };
    ensure!(!format!("{response:?}").contains("hello"), "it prints what it holds");
    let keep = KeepResponseRequest { workspace_id: workspace_id.clone(), response: Some(response.clone()), days: 30 };
    gateway.keep_response(&anonymous(), keep).await?;
    let open = OpenResponseRequest {
        workspace_id: workspace_id.clone(),
        response_id: "resp_1".to_owned(),
        with_previous: true,
    };
    let opened = gateway.open_response(&anonymous(), open.clone()).await?.responses;
    ensure!(opened == [response], "{opened:?}");
    let erase = DeleteResponseRequest { workspace_id, response_id: "resp_1".to_owned() };
    gateway.delete_response(&anonymous(), erase).await?;
    ensure!(reason(gateway.open_response(&anonymous(), open).await)? == Reason::NotFound, "it is there still");
    Ok(())
}

async fn members_of_a_workspace_come_only_by_letter_and_the_last_owner_stays(h: &Handles) -> anyhow::Result<()> {
    let (ada, eve) = (h.somebody().await?, h.somebody().await?);
    let (w, call) = (&h.workspaces, &ada.call);
    let invite = CreateInvitationRequest { email: eve.email, role: "admin".to_owned(), locale: String::new() };
    let unknown = proto::id::InvitationId::from_uuid(crate::random()).to_string();
    let resend = ResendInvitationRequest { invitation_id: unknown.clone() };
    let accept = AcceptInvitationRequest { token: "it_secret-4242".to_owned() };
    let check = CheckInvitationRequest { token: accept.token.clone(), email: "eve@example.com".to_owned() };
    ensure!(!format!("{accept:?} {check:?}").contains("4242"), "a request prints its token");
    let identity = h.called_by(Role::Identity).workspaces;
    let (own, other) = (ada.user.to_string(), eve.user.to_string());
    let change = |user_id: &str| ChangeMemberRoleRequest { user_id: user_id.to_owned(), role: "admin".to_owned() };
    let remove = |user_id: &str| RemoveMemberRequest { user_id: user_id.to_owned() };
    let refused = [
        // No letters here.
        (Reason::MailNotConfigured, reason(w.create_invitation(call, invite).await)?),
        (Reason::NotFound, reason(w.resend_invitation(call, resend).await)?),
        (
            Reason::NotFound,
            reason(w.revoke_invitation(call, RevokeInvitationRequest { invitation_id: unknown }).await)?,
        ),
        (Reason::InvitationInvalid, reason(w.accept_invitation(&eve.call, accept).await)?),
        (Reason::InvitationInvalid, reason(identity.check_invitation(&anonymous(), check.clone()).await)?),
        (Reason::PermissionDenied, reason(w.check_invitation(call, check).await)?),
        (Reason::NotFound, reason(w.change_member_role(call, change(&other)).await)?),
        (Reason::NotFound, reason(w.remove_member(call, remove(&other)).await)?),
        (
            Reason::NotFound,
            reason(w.transfer_ownership(call, TransferOwnershipRequest { user_id: other.clone() }).await)?,
        ),
        (Reason::LastOwner, reason(w.change_member_role(call, change(&own)).await)?),
        (Reason::LastOwner, reason(w.remove_member(call, remove(&own)).await)?),
        (Reason::LastOwner, reason(w.leave_workspace(call, LeaveWorkspaceRequest {}).await)?),
    ];
    ensure!(refused.iter().all(|(expected, seen)| expected == seen), "{refused:?}");
    let open = w.list_invitations(call, ListInvitationsRequest::default()).await?.invitations;
    ensure!(open.is_empty(), "{open:?}");
    let closed = w.delete_workspace(call, DeleteWorkspaceRequest {}).await?.workspace.context("a workspace")?;
    ensure!(closed.purge_at.is_some(), "{closed:?}");
    let open = w.restore_workspace(call, RestoreWorkspaceRequest {}).await?.workspace.context("a workspace")?;
    ensure!(open.purge_at.is_none(), "{open:?}");
    let (asking, ask) = (Call::service(Role::Edge, call.request_id), ListDoomedExecutionsRequest::default());
    let doomed = h.called_by(Role::Edge).workspaces.list_doomed_executions(&asking, ask).await?;
    ensure!(doomed.executions.is_empty(), "{doomed:?}");
    Ok(())
}

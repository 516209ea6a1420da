mod roles;
mod shown;
mod teams;
mod webhooks;

use super::{Fakes, PROVIDER, WORKSPACE, again, more, quiet, unused};
use futures::{StreamExt as _, future::BoxFuture, stream};
use proto::{Call, Reason, feed, workspace::*};
use shown::{acme, acts, audit_event, audit_pieces, closed, invitation, member, owner, platform_provider, provider};
use tonic::{Status, codegen::BoxStream};

/// What these tests never call, in the form that `async_trait` gives to what is written out.
macro_rules! unused {
    ($($name:ident($request:ident) -> $response:ident;)*) => {$(
        fn $name<'a, 'b, 'c>(&'a self, _: &'b Call, _: $request)
            -> std::pin::Pin<Box<dyn Future<Output = Result<$response, Status>> + Send + 'c>>
        where 'a: 'c, 'b: 'c, Self: 'c {
            Box::pin(std::future::ready(unused()))
        }
    )*};
}

/// Rpcs that are noted and answered by a function of their own, written as `async_trait` would: it does not look into macros.
macro_rules! answered {
    ($($name:ident($request:ident) -> $response:ident: $answer:path;)*) => {$(
        fn $name<'a, 'b, 'c>(&'a self, call: &'b Call, request: $request) -> BoxFuture<'c, Result<$response, Status>>
        where
            'a: 'c,
            'b: 'c,
            Self: 'c,
        {
            self.note(stringify!($name), call, &request);
            Box::pin(std::future::ready($answer(call, request)))
        }
    )*};
}

#[tonic::async_trait]
impl Service for Fakes {
    async fn create_workspace(
        &self,
        call: &Call,
        request: CreateWorkspaceRequest,
    ) -> Result<CreateWorkspaceResponse, Status> {
        self.note("create_workspace", call, &request);
        Ok(CreateWorkspaceResponse { workspace: acme(), replayed: again(call) })
    }
    async fn list_workspaces(
        &self,
        call: &Call,
        request: ListWorkspacesRequest,
    ) -> Result<ListWorkspacesResponse, Status> {
        self.note("list_workspaces", call, &request);
        proto::Page::parse(request.page_size, &request.page_token)?;
        Ok(ListWorkspacesResponse { workspaces: acme().into_iter().collect(), next_page_token: String::new() })
    }
    async fn get_workspace(&self, call: &Call, request: GetWorkspaceRequest) -> Result<GetWorkspaceResponse, Status> {
        self.note("get_workspace", call, &request);
        Ok(GetWorkspaceResponse { workspace: acme() })
    }
    async fn update_workspace(
        &self,
        call: &Call,
        request: UpdateWorkspaceRequest,
    ) -> Result<UpdateWorkspaceResponse, Status> {
        self.note("update_workspace", call, &request);
        // ISO 4217's code for no currency, which the service refuses too.
        if request.currency.as_deref() == Some("XXX") {
            let refused = Reason::RefusedValue.with("the currency is not known");
            return Err(refused.field("currency", "must be an ISO 4217 code").into());
        }
        Ok(UpdateWorkspaceResponse { workspace: acme() })
    }
    async fn delete_workspace(
        &self,
        call: &Call,
        request: DeleteWorkspaceRequest,
    ) -> Result<DeleteWorkspaceResponse, Status> {
        self.note("delete_workspace", call, &request);
        Ok(DeleteWorkspaceResponse { workspace: closed() })
    }
    async fn restore_workspace(
        &self,
        call: &Call,
        request: RestoreWorkspaceRequest,
    ) -> Result<RestoreWorkspaceResponse, Status> {
        self.note("restore_workspace", call, &request);
        Ok(RestoreWorkspaceResponse { workspace: acme() })
    }
    async fn list_audit_events(
        &self,
        call: &Call,
        request: ListAuditEventsRequest,
    ) -> Result<ListAuditEventsResponse, Status> {
        self.note("list_audit_events", call, &request);
        Ok(ListAuditEventsResponse { events: vec![audit_event("=cmd()")], next_page_token: String::new() })
    }
    async fn export_audit_events(
        &self,
        call: &Call,
        request: ExportAuditEventsRequest,
    ) -> Result<BoxStream<ExportAuditEventsResponse>, Status> {
        self.note("export_audit_events", call, &request);
        let actor = request.filter.and_then(|filter| filter.actor).unwrap_or_default();
        Ok(stream::iter(audit_pieces(&actor)).boxed())
    }
    async fn change_member_role(
        &self,
        call: &Call,
        request: ChangeMemberRoleRequest,
    ) -> Result<ChangeMemberRoleResponse, Status> {
        self.note("change_member_role", call, &request);
        Ok(ChangeMemberRoleResponse { member: member(&request.role) })
    }
    async fn remove_member(&self, call: &Call, request: RemoveMemberRequest) -> Result<RemoveMemberResponse, Status> {
        self.note("remove_member", call, &request);
        Ok(RemoveMemberResponse {})
    }
    async fn leave_workspace(
        &self,
        call: &Call,
        request: LeaveWorkspaceRequest,
    ) -> Result<LeaveWorkspaceResponse, Status> {
        self.note("leave_workspace", call, &request);
        Err(Reason::LastOwner.with("this is the only owner of the workspace").into())
    }
    async fn transfer_ownership(
        &self,
        call: &Call,
        request: TransferOwnershipRequest,
    ) -> Result<TransferOwnershipResponse, Status> {
        self.note("transfer_ownership", call, &request);
        Ok(TransferOwnershipResponse { member: member("owner") })
    }
    async fn list_roles(&self, call: &Call, request: ListRolesRequest) -> Result<ListRolesResponse, Status> {
        self.note("list_roles", call, &request);
        Ok(roles::all())
    }
    async fn get_role(&self, call: &Call, request: GetRoleRequest) -> Result<GetRoleResponse, Status> {
        self.note("get_role", call, &request);
        Ok(GetRoleResponse { role: roles::found(&request.name)? })
    }
    async fn create_role(&self, call: &Call, request: CreateRoleRequest) -> Result<CreateRoleResponse, Status> {
        self.note("create_role", call, &request);
        Ok(CreateRoleResponse { role: roles::auditor(), replayed: again(call) })
    }
    async fn update_role(&self, call: &Call, request: UpdateRoleRequest) -> Result<UpdateRoleResponse, Status> {
        self.note("update_role", call, &request);
        Ok(UpdateRoleResponse { role: roles::found(&request.name)? })
    }
    async fn delete_role(&self, call: &Call, request: DeleteRoleRequest) -> Result<DeleteRoleResponse, Status> {
        self.note("delete_role", call, &request);
        roles::deleted(&request.name)
    }
    async fn create_invitation(
        &self,
        call: &Call,
        request: CreateInvitationRequest,
    ) -> Result<CreateInvitationResponse, Status> {
        self.note("create_invitation", call, &request);
        Ok(CreateInvitationResponse { invitation: invitation(false), replayed: again(call) })
    }
    async fn list_invitations(
        &self,
        call: &Call,
        request: ListInvitationsRequest,
    ) -> Result<ListInvitationsResponse, Status> {
        self.note("list_invitations", call, &request);
        let invitations = [false, true].into_iter().filter_map(invitation).collect();
        Ok(ListInvitationsResponse { invitations, next_page_token: String::new() })
    }
    async fn resend_invitation(
        &self,
        call: &Call,
        request: ResendInvitationRequest,
    ) -> Result<ResendInvitationResponse, Status> {
        self.note("resend_invitation", call, &request);
        Ok(ResendInvitationResponse { invitation: invitation(false) })
    }
    async fn revoke_invitation(
        &self,
        call: &Call,
        request: RevokeInvitationRequest,
    ) -> Result<RevokeInvitationResponse, Status> {
        self.note("revoke_invitation", call, &request);
        Ok(RevokeInvitationResponse {})
    }
    async fn accept_invitation(
        &self,
        call: &Call,
        request: AcceptInvitationRequest,
    ) -> Result<AcceptInvitationResponse, Status> {
        self.note("accept_invitation", call, &request);
        if request.token != "it_1" {
            return Err(Reason::InvitationInvalid.with("the invitation does not work").into());
        }
        Ok(AcceptInvitationResponse { workspace_id: WORKSPACE.into(), name: "Acme".into(), role: "member".into() })
    }
    async fn list_members(&self, call: &Call, request: ListMembersRequest) -> Result<ListMembersResponse, Status> {
        self.note("list_members", call, &request);
        Ok(ListMembersResponse { members: member("owner").into_iter().collect(), next_page_token: String::new() })
    }
    async fn create_provider(
        &self,
        call: &Call,
        request: CreateProviderRequest,
    ) -> Result<CreateProviderResponse, Status> {
        self.note("create_provider", call, &request);
        Ok(CreateProviderResponse { provider: provider(&request.name), replayed: again(call) })
    }
    async fn list_providers(
        &self,
        call: &Call,
        request: ListProvidersRequest,
    ) -> Result<ListProvidersResponse, Status> {
        self.note("list_providers", call, &request);
        Ok(ListProvidersResponse {
            providers: provider("openai").into_iter().collect(),
            next_page_token: String::new(),
        })
    }
    async fn get_provider(&self, call: &Call, request: GetProviderRequest) -> Result<GetProviderResponse, Status> {
        self.note("get_provider", call, &request);
        if request.provider_id != PROVIDER {
            return Err(Reason::NotFound.with("there is no such provider in this workspace").into());
        }
        Ok(GetProviderResponse { provider: provider("openai") })
    }
    async fn update_provider(
        &self,
        call: &Call,
        request: UpdateProviderRequest,
    ) -> Result<UpdateProviderResponse, Status> {
        self.note("update_provider", call, &request);
        Ok(UpdateProviderResponse { provider: provider("openai") })
    }
    async fn delete_provider(
        &self,
        call: &Call,
        request: DeleteProviderRequest,
    ) -> Result<DeleteProviderResponse, Status> {
        self.note("delete_provider", call, &request);
        Ok(DeleteProviderResponse {})
    }
    async fn get_routing(&self, call: &Call, request: GetRoutingRequest) -> Result<GetRoutingResponse, Status> {
        self.note("get_routing", call, &request);
        Ok(GetRoutingResponse { routing: None })
    }
    async fn put_routing(&self, call: &Call, request: PutRoutingRequest) -> Result<PutRoutingResponse, Status> {
        self.note("put_routing", call, &request);
        Ok(PutRoutingResponse { routing: request.routing })
    }
    async fn get_guardrails(
        &self,
        call: &Call,
        request: GetGuardrailsRequest,
    ) -> Result<GetGuardrailsResponse, Status> {
        self.note("get_guardrails", call, &request);
        Ok(GetGuardrailsResponse { guardrails: None })
    }
    async fn put_guardrails(
        &self,
        call: &Call,
        request: PutGuardrailsRequest,
    ) -> Result<PutGuardrailsResponse, Status> {
        self.note("put_guardrails", call, &request);
        Ok(PutGuardrailsResponse { guardrails: request.guardrails })
    }
    async fn erase_answers(&self, call: &Call, request: EraseAnswersRequest) -> Result<EraseAnswersResponse, Status> {
        self.note("erase_answers", call, &request);
        Ok(EraseAnswersResponse {})
    }
    async fn list_acts(&self, _: &Call, request: ListActsRequest) -> Result<ListActsResponse, Status> {
        Ok(acts(&request))
    }
    async fn resolve_member(&self, _: &Call, request: ResolveMemberRequest) -> Result<ResolveMemberResponse, Status> {
        owner(&request)
    }
    async fn open_execution(
        &self,
        call: &Call,
        request: OpenExecutionRequest,
    ) -> Result<OpenExecutionResponse, Status> {
        self.note("open_execution", call, &request);
        self.world().open(call, request)
    }
    async fn find_execution(
        &self,
        call: &Call,
        request: FindExecutionRequest,
    ) -> Result<FindExecutionResponse, Status> {
        self.note("find_execution", call, &request);
        Ok(FindExecutionResponse { execution: Some(self.world().owned(call, &request.execution_id)?) })
    }
    async fn list_executions(
        &self,
        call: &Call,
        request: ListExecutionsRequest,
    ) -> Result<ListExecutionsResponse, Status> {
        self.note("list_executions", call, &request);
        let next_page_token = more(&request.page_token);
        Ok(ListExecutionsResponse { executions: self.world().all_of(call), next_page_token })
    }
    async fn list_open_executions(
        &self,
        call: &Call,
        request: ListOpenExecutionsRequest,
    ) -> Result<ListOpenExecutionsResponse, Status> {
        self.note("list_open_executions", call, &request);
        self.world().refusal("list_open_executions")?;
        let all = self.world().open_ones(call).into_iter().filter(|owned| owned.execution_id > request.page_token);
        let executions: Vec<_> = all.take(usize::try_from(request.limit).unwrap()).collect();
        let is_last = executions.len() < usize::try_from(request.limit).unwrap();
        let last = executions.last().filter(|_| !is_last).map(|owned| owned.execution_id.clone());
        Ok(ListOpenExecutionsResponse { executions, next_page_token: last.unwrap_or_default() })
    }
    async fn list_doomed_executions(
        &self,
        call: &Call,
        request: ListDoomedExecutionsRequest,
    ) -> Result<ListDoomedExecutionsResponse, Status> {
        self.note("list_doomed_executions", call, &request);
        let world = self.world();
        let of = |(id, (owned, _)): (&String, &(OwnedExecution, _))| DoomedExecution {
            execution_id: id.clone(),
            workspace_id: owned.workspace_id.clone(),
        };
        let executions = if world.is_doomed { world.owned.iter().map(of).collect() } else { vec![] };
        Ok(ListDoomedExecutionsResponse { executions })
    }
    async fn close_execution(
        &self,
        call: &Call,
        request: CloseExecutionRequest,
    ) -> Result<CloseExecutionResponse, Status> {
        self.note("close_execution", call, &request);
        self.world().close(call, &request)?;
        Ok(CloseExecutionResponse {})
    }
    async fn delete_execution(
        &self,
        call: &Call,
        request: DeleteExecutionRequest,
    ) -> Result<DeleteExecutionResponse, Status> {
        self.note("delete_execution", call, &request);
        let mut world = self.world();
        world.owned(call, &request.execution_id)?;
        world.owned.remove(&request.execution_id);
        Ok(DeleteExecutionResponse {})
    }
    async fn list_all_workspaces(
        &self,
        call: &Call,
        request: ListAllWorkspacesRequest,
    ) -> Result<ListAllWorkspacesResponse, Status> {
        self.note("list_all_workspaces", call, &request);
        Ok(webhooks::all_workspaces())
    }
    answered! {
        create_webhook(CreateWebhookRequest) -> CreateWebhookResponse: webhooks::create;
        list_webhooks(ListWebhooksRequest) -> ListWebhooksResponse: webhooks::list;
        get_webhook(GetWebhookRequest) -> GetWebhookResponse: webhooks::get;
        update_webhook(UpdateWebhookRequest) -> UpdateWebhookResponse: webhooks::update;
        delete_webhook(DeleteWebhookRequest) -> DeleteWebhookResponse: webhooks::delete;
        rotate_webhook_secret(RotateWebhookSecretRequest) -> RotateWebhookSecretResponse: webhooks::rotate;
        test_webhook(TestWebhookRequest) -> TestWebhookResponse: webhooks::test;
        list_webhook_deliveries(ListWebhookDeliveriesRequest) -> ListWebhookDeliveriesResponse: webhooks::deliveries;
        retry_webhook_delivery(RetryWebhookDeliveryRequest) -> RetryWebhookDeliveryResponse: webhooks::retry;
        create_team(CreateTeamRequest) -> CreateTeamResponse: teams::create;
        list_teams(ListTeamsRequest) -> ListTeamsResponse: teams::list;
        get_team(GetTeamRequest) -> GetTeamResponse: teams::get;
        update_team(UpdateTeamRequest) -> UpdateTeamResponse: teams::update;
        delete_team(DeleteTeamRequest) -> DeleteTeamResponse: teams::delete;
        list_team_members(ListTeamMembersRequest) -> ListTeamMembersResponse: teams::members;
        add_team_member(AddTeamMemberRequest) -> AddTeamMemberResponse: teams::add;
        remove_team_member(RemoveTeamMemberRequest) -> RemoveTeamMemberResponse: teams::remove;
        replace_team_members(ReplaceTeamMembersRequest) -> ReplaceTeamMembersResponse: teams::replace;
        resolve_team(ResolveTeamRequest) -> ResolveTeamResponse: teams::resolve;
    }
    async fn create_platform_provider(
        &self,
        call: &Call,
        request: CreatePlatformProviderRequest,
    ) -> Result<CreatePlatformProviderResponse, Status> {
        self.note("create_platform_provider", call, &request);
        let name = request.provider.map(|provider| provider.name).unwrap_or_default();
        Ok(CreatePlatformProviderResponse { provider: platform_provider(&name), replayed: again(call) })
    }
    async fn list_platform_providers(
        &self,
        call: &Call,
        request: ListPlatformProvidersRequest,
    ) -> Result<ListPlatformProvidersResponse, Status> {
        self.note("list_platform_providers", call, &request);
        proto::Page::parse(request.page_size, &request.page_token)?;
        let providers = platform_provider("house").into_iter().collect();
        Ok(ListPlatformProvidersResponse { providers, next_page_token: String::new() })
    }
    async fn get_platform_provider(
        &self,
        call: &Call,
        request: GetPlatformProviderRequest,
    ) -> Result<GetPlatformProviderResponse, Status> {
        self.note("get_platform_provider", call, &request);
        if request.provider_id != PROVIDER {
            return Err(Reason::NotFound.with("the platform has no such provider").into());
        }
        Ok(GetPlatformProviderResponse { provider: platform_provider("house") })
    }
    async fn update_platform_provider(
        &self,
        call: &Call,
        request: UpdatePlatformProviderRequest,
    ) -> Result<UpdatePlatformProviderResponse, Status> {
        self.note("update_platform_provider", call, &request);
        Ok(UpdatePlatformProviderResponse { provider: platform_provider("house") })
    }
    async fn delete_platform_provider(
        &self,
        call: &Call,
        request: DeletePlatformProviderRequest,
    ) -> Result<DeletePlatformProviderResponse, Status> {
        self.note("delete_platform_provider", call, &request);
        Ok(DeletePlatformProviderResponse {})
    }
    async fn watch(&self, _: &Call, _: feed::WatchRequest) -> Result<BoxStream<feed::WatchResponse>, Status> {
        Ok(quiet())
    }
    unused! {
        check_routing(CheckRoutingRequest) -> CheckRoutingResponse;
        bring_member(BringMemberRequest) -> BringMemberResponse;
        provision_member(ProvisionMemberRequest) -> ProvisionMemberResponse;
        retire_member(RetireMemberRequest) -> RetireMemberResponse;
        provision_workspace(ProvisionWorkspaceRequest) -> ProvisionWorkspaceResponse;
        check_invitation(CheckInvitationRequest) -> CheckInvitationResponse;
        list_memberships(ListMembershipsRequest) -> ListMembershipsResponse;
        depart_person(DepartPersonRequest) -> DepartPersonResponse;
        claim_answer(ClaimAnswerRequest) -> ClaimAnswerResponse;
        keep_answer(KeepAnswerRequest) -> KeepAnswerResponse;
        release_answer(ReleaseAnswerRequest) -> ReleaseAnswerResponse;
        keep_response(KeepResponseRequest) -> KeepResponseResponse;
        open_response(OpenResponseRequest) -> OpenResponseResponse;
        delete_response(DeleteResponseRequest) -> DeleteResponseResponse;
        open_budget(OpenBudgetRequest) -> OpenBudgetResponse;
        open_platform_provider(OpenPlatformProviderRequest) -> OpenPlatformProviderResponse;
        open_routing(OpenRoutingRequest) -> OpenRoutingResponse;
    }
}

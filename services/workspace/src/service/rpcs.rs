//! Every rpc, and where it is answered.

use super::Workspace;
use crate::{
    answer, audit, execution, guardrails, invitation, member, platform, provider, response, role, routing, team,
    webhook, workspace,
};
use futures::future::BoxFuture;
use proto::{
    Call, Page,
    feed::{WatchRequest, WatchResponse},
    workspace::*,
};
use tonic::{Status, codegen::BoxStream};

/// Rpcs that do nothing but act in the call's workspace, a line for each. Written as `async_trait` would: it does not look into macros.
macro_rules! about_the_workspace {
    ($($name:ident($request:ident) -> $response:ident: $answer:path;)*) => {$(
        fn $name<'a, 'b, 'c>(&'a self, call: &'b Call, request: $request) -> BoxFuture<'c, Result<$response, Status>>
        where
            'a: 'c,
            'b: 'c,
            Self: 'c,
        {
            Box::pin(async move { Ok($answer(self, call, call.workspace()?, request).await?) })
        }
    )*};
}

#[tonic::async_trait]
impl Service for Workspace {
    async fn create_workspace(
        &self,
        call: &Call,
        request: CreateWorkspaceRequest,
    ) -> Result<CreateWorkspaceResponse, Status> {
        Ok(workspace::create::create(self, call, call.user()?.0, request).await?)
    }

    async fn list_workspaces(
        &self,
        call: &Call,
        request: ListWorkspacesRequest,
    ) -> Result<ListWorkspacesResponse, Status> {
        let page = Page::parse(request.page_size, &request.page_token)?;
        Ok(workspace::list::list(self, call, call.user()?.0, page).await?)
    }

    async fn get_workspace(&self, call: &Call, _: GetWorkspaceRequest) -> Result<GetWorkspaceResponse, Status> {
        Ok(workspace::get::get(self, call, call.workspace()?).await?)
    }

    async fn delete_workspace(
        &self,
        call: &Call,
        _: DeleteWorkspaceRequest,
    ) -> Result<DeleteWorkspaceResponse, Status> {
        Ok(workspace::delete::delete(self, call, call.workspace()?).await?)
    }

    async fn restore_workspace(
        &self,
        call: &Call,
        _: RestoreWorkspaceRequest,
    ) -> Result<RestoreWorkspaceResponse, Status> {
        Ok(workspace::delete::restore(self, call, call.workspace()?).await?)
    }

    async fn list_members(&self, call: &Call, request: ListMembersRequest) -> Result<ListMembersResponse, Status> {
        let page = Page::parse(request.page_size, &request.page_token)?;
        Ok(member::list::list(self, call.workspace()?, page).await?)
    }

    async fn leave_workspace(&self, call: &Call, _: LeaveWorkspaceRequest) -> Result<LeaveWorkspaceResponse, Status> {
        Ok(member::leave::leave(self, call, call.user()?.0, call.workspace()?).await?)
    }

    async fn transfer_ownership(
        &self,
        call: &Call,
        request: TransferOwnershipRequest,
    ) -> Result<TransferOwnershipResponse, Status> {
        Ok(member::transfer::transfer(self, call, call.user()?.0, call.workspace()?, request).await?)
    }

    async fn list_roles(&self, call: &Call, _: ListRolesRequest) -> Result<ListRolesResponse, Status> {
        Ok(role::list::list(self, call.workspace()?).await?)
    }

    async fn get_role(&self, call: &Call, request: GetRoleRequest) -> Result<GetRoleResponse, Status> {
        Ok(role::get::get(self, call.workspace()?, request).await?)
    }

    async fn list_invitations(
        &self,
        call: &Call,
        request: ListInvitationsRequest,
    ) -> Result<ListInvitationsResponse, Status> {
        let page = Page::parse(request.page_size, &request.page_token)?;
        Ok(invitation::list::list(self, call.workspace()?, page).await?)
    }

    async fn accept_invitation(
        &self,
        call: &Call,
        request: AcceptInvitationRequest,
    ) -> Result<AcceptInvitationResponse, Status> {
        Ok(invitation::accept::accept(self, call, call.user()?.0, request).await?)
    }

    about_the_workspace! {
        update_workspace(UpdateWorkspaceRequest) -> UpdateWorkspaceResponse: workspace::update::update;
        change_member_role(ChangeMemberRoleRequest) -> ChangeMemberRoleResponse: member::change_role::change;
        remove_member(RemoveMemberRequest) -> RemoveMemberResponse: member::remove::remove;
        create_role(CreateRoleRequest) -> CreateRoleResponse: role::create::create;
        update_role(UpdateRoleRequest) -> UpdateRoleResponse: role::update::update;
        delete_role(DeleteRoleRequest) -> DeleteRoleResponse: role::delete::delete;
        create_invitation(CreateInvitationRequest) -> CreateInvitationResponse: invitation::create::create;
        resend_invitation(ResendInvitationRequest) -> ResendInvitationResponse: invitation::resend::resend;
        revoke_invitation(RevokeInvitationRequest) -> RevokeInvitationResponse: invitation::revoke::revoke;
        create_provider(CreateProviderRequest) -> CreateProviderResponse: provider::create::create;
        update_provider(UpdateProviderRequest) -> UpdateProviderResponse: provider::update::update;
        delete_provider(DeleteProviderRequest) -> DeleteProviderResponse: provider::delete::delete;
        put_routing(PutRoutingRequest) -> PutRoutingResponse: routing::put::put;
        put_guardrails(PutGuardrailsRequest) -> PutGuardrailsResponse: guardrails::put::put;
        erase_answers(EraseAnswersRequest) -> EraseAnswersResponse: routing::erase::erase;
        open_execution(OpenExecutionRequest) -> OpenExecutionResponse: execution::open::open;
        find_execution(FindExecutionRequest) -> FindExecutionResponse: execution::find::find;
        list_executions(ListExecutionsRequest) -> ListExecutionsResponse: execution::list::list;
        delete_execution(DeleteExecutionRequest) -> DeleteExecutionResponse: execution::delete::delete;
        create_team(CreateTeamRequest) -> CreateTeamResponse: team::create::create;
        list_teams(ListTeamsRequest) -> ListTeamsResponse: team::list::list;
        get_team(GetTeamRequest) -> GetTeamResponse: team::get::get;
        update_team(UpdateTeamRequest) -> UpdateTeamResponse: team::update::update;
        delete_team(DeleteTeamRequest) -> DeleteTeamResponse: team::delete::delete;
        list_team_members(ListTeamMembersRequest) -> ListTeamMembersResponse: team::members::list;
        add_team_member(AddTeamMemberRequest) -> AddTeamMemberResponse: team::members::add;
        remove_team_member(RemoveTeamMemberRequest) -> RemoveTeamMemberResponse: team::members::remove;
        replace_team_members(ReplaceTeamMembersRequest) -> ReplaceTeamMembersResponse: team::replace::replace;
    }

    async fn resolve_team(&self, _: &Call, request: ResolveTeamRequest) -> Result<ResolveTeamResponse, Status> {
        Ok(team::resolve::resolve(self, request).await?)
    }

    async fn list_providers(
        &self,
        call: &Call,
        request: ListProvidersRequest,
    ) -> Result<ListProvidersResponse, Status> {
        let page = Page::parse(request.page_size, &request.page_token)?;
        Ok(provider::list::list(self, call.workspace()?, page).await?)
    }

    async fn get_provider(&self, call: &Call, request: GetProviderRequest) -> Result<GetProviderResponse, Status> {
        Ok(provider::get::get(self, call.workspace()?, request).await?)
    }

    async fn create_platform_provider(
        &self,
        call: &Call,
        request: CreatePlatformProviderRequest,
    ) -> Result<CreatePlatformProviderResponse, Status> {
        Ok(platform::create::create(self, call, request).await?)
    }

    async fn list_platform_providers(
        &self,
        _: &Call,
        request: ListPlatformProvidersRequest,
    ) -> Result<ListPlatformProvidersResponse, Status> {
        let page = Page::parse(request.page_size, &request.page_token)?;
        Ok(platform::list::list(self, page).await?)
    }

    async fn get_platform_provider(
        &self,
        _: &Call,
        request: GetPlatformProviderRequest,
    ) -> Result<GetPlatformProviderResponse, Status> {
        Ok(platform::get::get(self, request).await?)
    }

    async fn update_platform_provider(
        &self,
        call: &Call,
        request: UpdatePlatformProviderRequest,
    ) -> Result<UpdatePlatformProviderResponse, Status> {
        Ok(platform::update::update(self, call, request).await?)
    }

    async fn delete_platform_provider(
        &self,
        call: &Call,
        request: DeletePlatformProviderRequest,
    ) -> Result<DeletePlatformProviderResponse, Status> {
        Ok(platform::delete::delete(self, call, request).await?)
    }

    async fn list_all_workspaces(
        &self,
        _: &Call,
        request: ListAllWorkspacesRequest,
    ) -> Result<ListAllWorkspacesResponse, Status> {
        let page = Page::parse(request.page_size, &request.page_token)?;
        Ok(workspace::list_all::list(self, page, request).await?)
    }

    about_the_workspace! {
        create_webhook(CreateWebhookRequest) -> CreateWebhookResponse: webhook::create::create;
        update_webhook(UpdateWebhookRequest) -> UpdateWebhookResponse: webhook::update::update;
        delete_webhook(DeleteWebhookRequest) -> DeleteWebhookResponse: webhook::delete::delete;
        rotate_webhook_secret(RotateWebhookSecretRequest) -> RotateWebhookSecretResponse: webhook::rotate::rotate;
        test_webhook(TestWebhookRequest) -> TestWebhookResponse: webhook::test::test;
    }

    async fn list_webhooks(&self, call: &Call, request: ListWebhooksRequest) -> Result<ListWebhooksResponse, Status> {
        let page = Page::parse(request.page_size, &request.page_token)?;
        Ok(webhook::list::list(self, call.workspace()?, page).await?)
    }

    async fn get_webhook(&self, call: &Call, request: GetWebhookRequest) -> Result<GetWebhookResponse, Status> {
        Ok(webhook::get::get(self, call.workspace()?, request).await?)
    }

    async fn list_webhook_deliveries(
        &self,
        call: &Call,
        request: ListWebhookDeliveriesRequest,
    ) -> Result<ListWebhookDeliveriesResponse, Status> {
        let page = Page::parse(request.page_size, &request.page_token)?;
        Ok(webhook::deliveries::list(self, call.workspace()?, page, request).await?)
    }

    async fn retry_webhook_delivery(
        &self,
        call: &Call,
        request: RetryWebhookDeliveryRequest,
    ) -> Result<RetryWebhookDeliveryResponse, Status> {
        Ok(webhook::retry::retry(self, call.workspace()?, request).await?)
    }

    async fn list_audit_events(
        &self,
        call: &Call,
        request: ListAuditEventsRequest,
    ) -> Result<ListAuditEventsResponse, Status> {
        let page = Page::parse(request.page_size, &request.page_token)?;
        Ok(audit::list::list(self, call.workspace()?, page, request.filter).await?)
    }

    async fn export_audit_events(
        &self,
        call: &Call,
        request: ExportAuditEventsRequest,
    ) -> Result<BoxStream<ExportAuditEventsResponse>, Status> {
        Ok(audit::export::export(self, call.workspace()?, request.filter)?)
    }

    async fn get_routing(&self, call: &Call, _: GetRoutingRequest) -> Result<GetRoutingResponse, Status> {
        Ok(routing::get::get(self, call.workspace()?).await?)
    }

    async fn check_routing(&self, call: &Call, request: CheckRoutingRequest) -> Result<CheckRoutingResponse, Status> {
        Ok(routing::check::check(self, call.workspace()?, request).await?)
    }

    async fn get_guardrails(&self, call: &Call, _: GetGuardrailsRequest) -> Result<GetGuardrailsResponse, Status> {
        Ok(guardrails::get::get(self, call.workspace()?).await?)
    }

    async fn provision_workspace(
        &self,
        call: &Call,
        request: ProvisionWorkspaceRequest,
    ) -> Result<ProvisionWorkspaceResponse, Status> {
        Ok(workspace::provision::provision(self, call, request).await?)
    }

    async fn check_invitation(
        &self,
        _: &Call,
        request: CheckInvitationRequest,
    ) -> Result<CheckInvitationResponse, Status> {
        Ok(invitation::check::check(self, request).await?)
    }

    async fn provision_member(
        &self,
        call: &Call,
        request: ProvisionMemberRequest,
    ) -> Result<ProvisionMemberResponse, Status> {
        Ok(member::provision::provision(self, call, request).await?)
    }

    async fn list_memberships(
        &self,
        _: &Call,
        request: ListMembershipsRequest,
    ) -> Result<ListMembershipsResponse, Status> {
        Ok(member::memberships::list(self, request).await?)
    }

    async fn depart_person(&self, call: &Call, request: DepartPersonRequest) -> Result<DepartPersonResponse, Status> {
        Ok(member::depart::depart(self, call, request).await?)
    }

    async fn bring_member(&self, call: &Call, request: BringMemberRequest) -> Result<BringMemberResponse, Status> {
        Ok(member::directory::bring(self, call, request).await?)
    }

    async fn retire_member(&self, call: &Call, request: RetireMemberRequest) -> Result<RetireMemberResponse, Status> {
        Ok(member::directory::retire(self, call, request).await?)
    }

    async fn list_acts(&self, call: &Call, request: ListActsRequest) -> Result<ListActsResponse, Status> {
        let page = Page::parse(request.page_size, &request.page_token)?;
        Ok(audit::acts::list(self, call.user()?.0, page).await?)
    }

    async fn resolve_member(&self, _: &Call, request: ResolveMemberRequest) -> Result<ResolveMemberResponse, Status> {
        Ok(member::resolve::resolve(self, request).await?)
    }

    async fn claim_answer(&self, _: &Call, request: ClaimAnswerRequest) -> Result<ClaimAnswerResponse, Status> {
        Ok(answer::claim::claim(self, request).await?)
    }

    async fn keep_answer(&self, _: &Call, request: KeepAnswerRequest) -> Result<KeepAnswerResponse, Status> {
        Ok(answer::keep::keep(self, request).await?)
    }

    async fn release_answer(&self, _: &Call, request: ReleaseAnswerRequest) -> Result<ReleaseAnswerResponse, Status> {
        Ok(answer::release::release(self, request).await?)
    }

    async fn keep_response(&self, _: &Call, request: KeepResponseRequest) -> Result<KeepResponseResponse, Status> {
        Ok(response::keep::keep(self, request).await?)
    }

    async fn open_response(&self, _: &Call, request: OpenResponseRequest) -> Result<OpenResponseResponse, Status> {
        Ok(response::open::open(self, request).await?)
    }

    async fn delete_response(
        &self,
        _: &Call,
        request: DeleteResponseRequest,
    ) -> Result<DeleteResponseResponse, Status> {
        Ok(response::delete::delete(self, request).await?)
    }

    async fn list_open_executions(
        &self,
        call: &Call,
        request: ListOpenExecutionsRequest,
    ) -> Result<ListOpenExecutionsResponse, Status> {
        Ok(execution::list_open::list(self, call, request).await?)
    }

    async fn list_doomed_executions(
        &self,
        _: &Call,
        request: ListDoomedExecutionsRequest,
    ) -> Result<ListDoomedExecutionsResponse, Status> {
        Ok(execution::list_doomed::list(self, request).await?)
    }

    async fn close_execution(
        &self,
        call: &Call,
        request: CloseExecutionRequest,
    ) -> Result<CloseExecutionResponse, Status> {
        Ok(execution::close::close(self, call, request).await?)
    }

    async fn open_budget(&self, _: &Call, request: OpenBudgetRequest) -> Result<OpenBudgetResponse, Status> {
        Ok(execution::budget::open(self, request).await?)
    }

    async fn open_platform_provider(
        &self,
        _: &Call,
        request: OpenPlatformProviderRequest,
    ) -> Result<OpenPlatformProviderResponse, Status> {
        Ok(platform::open::open(self, request).await?)
    }

    async fn open_routing(&self, _: &Call, request: OpenRoutingRequest) -> Result<OpenRoutingResponse, Status> {
        Ok(routing::open::open(self, request).await?)
    }

    async fn watch(&self, _: &Call, request: WatchRequest) -> Result<BoxStream<WatchResponse>, Status> {
        Ok(self.outbox.watch(request.after))
    }
}

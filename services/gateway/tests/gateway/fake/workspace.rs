//! The workspace service, as the gateway sees it.

use super::Fakes;
use proto::{
    Call, Reason,
    feed::{WatchRequest, WatchResponse},
    workspace,
};
use tonic::{Status, codegen::BoxStream};

#[tonic::async_trait]
impl workspace::Service for Fakes {
    async fn open_routing(
        &self,
        _: &Call,
        _: workspace::OpenRoutingRequest,
    ) -> Result<workspace::OpenRoutingResponse, Status> {
        let mut book = self.book();
        book.routing_calls += 1;
        if book.workspaces_away {
            return Err(Reason::ServiceUnavailable.with("away").into());
        }
        Ok(workspace::OpenRoutingResponse {
            providers: book.providers.clone(),
            limits: Some(book.workspace_limits.clone()),
            per_user: Some(book.per_user.clone()),
            per_model: Some(book.per_model.clone()),
            plan: "pro".to_owned(),
            currency: "USD".to_owned(),
            time_zone: "Europe/Lisbon".to_owned(),
            routing: Some(book.routing.clone()),
            keep_responses_days: book.keep_responses_days,
            guardrails: Some(book.guardrails.clone()),
            answer_key: vec![7; 32].into(),
            platform_providers: book.platform.clone(),
            locked_providers: book.locked.clone(),
            teams: book.teams.clone(),
        })
    }
    async fn open_platform_provider(
        &self,
        _: &Call,
        request: workspace::OpenPlatformProviderRequest,
    ) -> Result<workspace::OpenPlatformProviderResponse, Status> {
        let found = self.book().platform.iter().find(|p| p.id == request.provider_id).cloned();
        let provider = found.ok_or_else(|| Reason::NotFound.with("the platform has no such provider"))?;
        Ok(workspace::OpenPlatformProviderResponse { provider: Some(provider), enabled: true })
    }
    async fn claim_answer(
        &self,
        _: &Call,
        request: workspace::ClaimAnswerRequest,
    ) -> Result<workspace::ClaimAnswerResponse, Status> {
        let place = request.place.unwrap_or_default();
        let delay = self.book().claim_delay;
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        let mut book = self.book();
        match book.answers.get(&place.key_sha256) {
            Some((request, _)) if *request != place.request_sha256 => {
                Err(Reason::IdempotencyMismatch.with("another request").into())
            }
            Some((_, None)) => Err(Reason::Conflict.with("under way").into()),
            Some((_, answer)) => Ok(workspace::ClaimAnswerResponse { answer: answer.clone() }),
            None => {
                book.answers.insert(place.key_sha256, (place.request_sha256, None));
                Ok(workspace::ClaimAnswerResponse { answer: None })
            }
        }
    }
    async fn keep_answer(
        &self,
        _: &Call,
        request: workspace::KeepAnswerRequest,
    ) -> Result<workspace::KeepAnswerResponse, Status> {
        let place = request.place.unwrap_or_default();
        self.book().answers.insert(place.key_sha256, (place.request_sha256, Some(request.answer)));
        Ok(workspace::KeepAnswerResponse {})
    }
    async fn release_answer(
        &self,
        _: &Call,
        request: workspace::ReleaseAnswerRequest,
    ) -> Result<workspace::ReleaseAnswerResponse, Status> {
        self.book().answers.remove(&request.place.unwrap_or_default().key_sha256);
        Ok(workspace::ReleaseAnswerResponse {})
    }
    async fn open_budget(
        &self,
        _: &Call,
        request: workspace::OpenBudgetRequest,
    ) -> Result<workspace::OpenBudgetResponse, Status> {
        let found = self.book().budgets.get(&request.token_sha256).cloned();
        found.ok_or_else(|| Reason::NotFound.with("there is no such budget token").into())
    }
    async fn keep_response(
        &self,
        _: &Call,
        request: workspace::KeepResponseRequest,
    ) -> Result<workspace::KeepResponseResponse, Status> {
        let mut book = self.book();
        if book.workspaces_away {
            return Err(Reason::ServiceUnavailable.with("away").into());
        }
        book.responses.push(request);
        Ok(workspace::KeepResponseResponse {})
    }
    async fn open_response(
        &self,
        _: &Call,
        request: workspace::OpenResponseRequest,
    ) -> Result<workspace::OpenResponseResponse, Status> {
        let book = self.book();
        let (mut responses, mut next) = (vec![], request.response_id);
        while !next.is_empty() {
            let of = |kept: &&workspace::KeepResponseRequest| {
                kept.workspace_id == request.workspace_id
                    && kept.response.as_ref().is_some_and(|response| response.response_id == next)
            };
            let Some(found) = book.responses.iter().find(of).and_then(|kept| kept.response.clone()) else {
                let missing = Reason::NotFound.with("Response not found.").fact("response_id", next);
                return Err(missing.into());
            };
            next = if request.with_previous { found.previous_response_id.clone() } else { String::new() };
            responses.insert(0, found);
        }
        Ok(workspace::OpenResponseResponse { responses })
    }
    async fn delete_response(
        &self,
        _: &Call,
        request: workspace::DeleteResponseRequest,
    ) -> Result<workspace::DeleteResponseResponse, Status> {
        let mut book = self.book();
        let before = book.responses.len();
        let is_it = |kept: &workspace::KeepResponseRequest| {
            kept.workspace_id == request.workspace_id
                && kept.response.as_ref().is_some_and(|response| response.response_id == request.response_id)
        };
        book.responses.retain(|kept| !is_it(kept));
        if book.responses.len() == before {
            return Err(Reason::NotFound.with("Response not found.").fact("response_id", request.response_id).into());
        }
        Ok(workspace::DeleteResponseResponse {})
    }
    async fn check_routing(
        &self,
        _: &Call,
        request: workspace::CheckRoutingRequest,
    ) -> Result<workspace::CheckRoutingResponse, Status> {
        let routing = request.routing.unwrap_or_default();
        if routing.aliases.contains_key("wrong") {
            return Err(Reason::RefusedValue.with("aliases.wrong is wrong").field("aliases.wrong", "is wrong").into());
        }
        Ok(workspace::CheckRoutingResponse {})
    }
    async fn get_provider(
        &self,
        _: &Call,
        request: workspace::GetProviderRequest,
    ) -> Result<workspace::GetProviderResponse, Status> {
        let book = self.book();
        let found = book.disabled.iter().find(|p| p.id == request.provider_id).cloned();
        let found = found.ok_or_else(|| Status::from(Reason::NotFound.with("no such provider")))?;
        Ok(workspace::GetProviderResponse { provider: Some(found) })
    }
    async fn watch(&self, _: &Call, _: WatchRequest) -> Result<BoxStream<WatchResponse>, Status> {
        if self.book().workspaces_away {
            return Err(Reason::ServiceUnavailable.with("away").into());
        }
        Ok(Fakes::watch(self, &["provider.", "platform_provider.", "workspace.", "team."]))
    }
    async fn export_audit_events(
        &self,
        _: &Call,
        _: workspace::ExportAuditEventsRequest,
    ) -> Result<BoxStream<workspace::ExportAuditEventsResponse>, Status> {
        Err(Status::unimplemented("not part of this test"))
    }
    unused! { workspace:
        get_routing(GetRoutingRequest) -> GetRoutingResponse;
        erase_answers(EraseAnswersRequest) -> EraseAnswersResponse;
        get_guardrails(GetGuardrailsRequest) -> GetGuardrailsResponse;
        put_guardrails(PutGuardrailsRequest) -> PutGuardrailsResponse;
        put_routing(PutRoutingRequest) -> PutRoutingResponse;
        create_workspace(CreateWorkspaceRequest) -> CreateWorkspaceResponse;
        list_workspaces(ListWorkspacesRequest) -> ListWorkspacesResponse;
        get_workspace(GetWorkspaceRequest) -> GetWorkspaceResponse;
        update_workspace(UpdateWorkspaceRequest) -> UpdateWorkspaceResponse;
        list_members(ListMembersRequest) -> ListMembersResponse;
        change_member_role(ChangeMemberRoleRequest) -> ChangeMemberRoleResponse;
        remove_member(RemoveMemberRequest) -> RemoveMemberResponse;
        leave_workspace(LeaveWorkspaceRequest) -> LeaveWorkspaceResponse;
        create_team(CreateTeamRequest) -> CreateTeamResponse;
        list_teams(ListTeamsRequest) -> ListTeamsResponse;
        get_team(GetTeamRequest) -> GetTeamResponse;
        update_team(UpdateTeamRequest) -> UpdateTeamResponse;
        delete_team(DeleteTeamRequest) -> DeleteTeamResponse;
        list_team_members(ListTeamMembersRequest) -> ListTeamMembersResponse;
        add_team_member(AddTeamMemberRequest) -> AddTeamMemberResponse;
        remove_team_member(RemoveTeamMemberRequest) -> RemoveTeamMemberResponse;
        replace_team_members(ReplaceTeamMembersRequest) -> ReplaceTeamMembersResponse;
        resolve_team(ResolveTeamRequest) -> ResolveTeamResponse;
        transfer_ownership(TransferOwnershipRequest) -> TransferOwnershipResponse;
        list_roles(ListRolesRequest) -> ListRolesResponse;
        get_role(GetRoleRequest) -> GetRoleResponse;
        create_role(CreateRoleRequest) -> CreateRoleResponse;
        update_role(UpdateRoleRequest) -> UpdateRoleResponse;
        delete_role(DeleteRoleRequest) -> DeleteRoleResponse;
        delete_workspace(DeleteWorkspaceRequest) -> DeleteWorkspaceResponse;
        restore_workspace(RestoreWorkspaceRequest) -> RestoreWorkspaceResponse;
        list_doomed_executions(ListDoomedExecutionsRequest) -> ListDoomedExecutionsResponse;
        create_invitation(CreateInvitationRequest) -> CreateInvitationResponse;
        list_invitations(ListInvitationsRequest) -> ListInvitationsResponse;
        resend_invitation(ResendInvitationRequest) -> ResendInvitationResponse;
        revoke_invitation(RevokeInvitationRequest) -> RevokeInvitationResponse;
        provision_member(ProvisionMemberRequest) -> ProvisionMemberResponse;
        check_invitation(CheckInvitationRequest) -> CheckInvitationResponse;
        accept_invitation(AcceptInvitationRequest) -> AcceptInvitationResponse;
        list_audit_events(ListAuditEventsRequest) -> ListAuditEventsResponse;
        create_provider(CreateProviderRequest) -> CreateProviderResponse;
        list_providers(ListProvidersRequest) -> ListProvidersResponse;
        update_provider(UpdateProviderRequest) -> UpdateProviderResponse;
        delete_provider(DeleteProviderRequest) -> DeleteProviderResponse;
        list_all_workspaces(ListAllWorkspacesRequest) -> ListAllWorkspacesResponse;
        create_webhook(CreateWebhookRequest) -> CreateWebhookResponse;
        list_webhooks(ListWebhooksRequest) -> ListWebhooksResponse;
        get_webhook(GetWebhookRequest) -> GetWebhookResponse;
        update_webhook(UpdateWebhookRequest) -> UpdateWebhookResponse;
        delete_webhook(DeleteWebhookRequest) -> DeleteWebhookResponse;
        rotate_webhook_secret(RotateWebhookSecretRequest) -> RotateWebhookSecretResponse;
        test_webhook(TestWebhookRequest) -> TestWebhookResponse;
        list_webhook_deliveries(ListWebhookDeliveriesRequest) -> ListWebhookDeliveriesResponse;
        retry_webhook_delivery(RetryWebhookDeliveryRequest) -> RetryWebhookDeliveryResponse;
        create_platform_provider(CreatePlatformProviderRequest) -> CreatePlatformProviderResponse;
        list_platform_providers(ListPlatformProvidersRequest) -> ListPlatformProvidersResponse;
        get_platform_provider(GetPlatformProviderRequest) -> GetPlatformProviderResponse;
        update_platform_provider(UpdatePlatformProviderRequest) -> UpdatePlatformProviderResponse;
        delete_platform_provider(DeletePlatformProviderRequest) -> DeletePlatformProviderResponse;
        provision_workspace(ProvisionWorkspaceRequest) -> ProvisionWorkspaceResponse;
        list_memberships(ListMembershipsRequest) -> ListMembershipsResponse;
        depart_person(DepartPersonRequest) -> DepartPersonResponse;
        bring_member(BringMemberRequest) -> BringMemberResponse;
        retire_member(RetireMemberRequest) -> RetireMemberResponse;
        list_acts(ListActsRequest) -> ListActsResponse;
        resolve_member(ResolveMemberRequest) -> ResolveMemberResponse;
        open_execution(OpenExecutionRequest) -> OpenExecutionResponse;
        find_execution(FindExecutionRequest) -> FindExecutionResponse;
        list_executions(ListExecutionsRequest) -> ListExecutionsResponse;
        list_open_executions(ListOpenExecutionsRequest) -> ListOpenExecutionsResponse;
        close_execution(CloseExecutionRequest) -> CloseExecutionResponse;
        delete_execution(DeleteExecutionRequest) -> DeleteExecutionResponse;
    }
}

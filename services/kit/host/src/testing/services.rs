//! The two services that a door stands on.

use super::{State, unused};
use proto::{
    Call, Reason,
    feed::{WatchRequest, WatchResponse},
    identity::{self, *},
    workspace::{self, ResolveMemberRequest, ResolveMemberResponse},
};
use std::sync::{Arc, atomic::Ordering::SeqCst};
use tonic::{Status, codegen::BoxStream};

pub(super) struct FakeIdentity(pub Arc<State>);
pub(super) struct FakeWorkspaces(pub Arc<State>);

/// Writes the whole impl: the rpcs that tests use, and a refusal for each other.
macro_rules! fake {
    (impl $trait:path, $type:ty { $($unused:ident: $request:ty => $response:ty;)* } $($used:item)*) => {
        #[tonic::async_trait]
        impl $trait for $type {
            $(async fn $unused(&self, _: &Call, _: $request) -> Result<$response, Status> { unused() })*
            $($used)*
        }
    };
}

fake! {
    impl identity::Service, FakeIdentity {
        sign_up: SignUpRequest => SignUpResponse;
        login: LoginRequest => LoginResponse;
        refresh: RefreshRequest => RefreshResponse;
        logout: LogoutRequest => LogoutResponse;
        switch_workspace: SwitchWorkspaceRequest => SwitchWorkspaceResponse;
        list_users: ListUsersRequest => ListUsersResponse;
        start_impersonation: StartImpersonationRequest => StartImpersonationResponse;
        list_impersonations: ListImpersonationsRequest => ListImpersonationsResponse;
        end_impersonation: EndImpersonationRequest => EndImpersonationResponse;
        find_person: FindPersonRequest => FindPersonResponse;
        verify_email: VerifyEmailRequest => VerifyEmailResponse;
        send_magic_link: SendMagicLinkRequest => SendMagicLinkResponse;
        list_sign_in_providers: ListSignInProvidersRequest => ListSignInProvidersResponse;
        start_sign_in: StartSignInRequest => StartSignInResponse;
        finish_sign_in: FinishSignInRequest => FinishSignInResponse;
        exchange_sign_in: ExchangeSignInRequest => ExchangeSignInResponse;
        list_identities: ListIdentitiesRequest => ListIdentitiesResponse;
        link_identity: LinkIdentityRequest => LinkIdentityResponse;
        unlink_identity: UnlinkIdentityRequest => UnlinkIdentityResponse;
        login_with_magic_link: LoginWithMagicLinkRequest => LoginWithMagicLinkResponse;
        forgot_password: ForgotPasswordRequest => ForgotPasswordResponse;
        reset_password: ResetPasswordRequest => ResetPasswordResponse;
        change_password: ChangePasswordRequest => ChangePasswordResponse;
        change_email: ChangeEmailRequest => ChangeEmailResponse;
        erase_me: EraseMeRequest => EraseMeResponse;
        export_me: ExportMeRequest => ExportMeResponse;
        list_consents: ListConsentsRequest => ListConsentsResponse;
        accept_consents: AcceptConsentsRequest => AcceptConsentsResponse;
        list_sessions: ListSessionsRequest => ListSessionsResponse;
        end_session: EndSessionRequest => EndSessionResponse;
        get_mfa: GetMfaRequest => GetMfaResponse;
        set_up_totp: SetUpTotpRequest => SetUpTotpResponse;
        confirm_totp: ConfirmTotpRequest => ConfirmTotpResponse;
        remove_totp: RemoveTotpRequest => RemoveTotpResponse;
        renew_recovery_codes: RenewRecoveryCodesRequest => RenewRecoveryCodesResponse;
        step_up: StepUpRequest => StepUpResponse;
        list_domains: ListDomainsRequest => ListDomainsResponse;
        add_domain: AddDomainRequest => AddDomainResponse;
        verify_domain: VerifyDomainRequest => VerifyDomainResponse;
        remove_domain: RemoveDomainRequest => RemoveDomainResponse;
        get_sso: GetSsoRequest => GetSsoResponse;
        put_sso: PutSsoRequest => PutSsoResponse;
        remove_sso: RemoveSsoRequest => RemoveSsoResponse;
        start_sso: StartSsoRequest => StartSsoResponse;
        list_passkeys: ListPasskeysRequest => ListPasskeysResponse;
        begin_passkey: BeginPasskeyRequest => BeginPasskeyResponse;
        add_passkey: AddPasskeyRequest => AddPasskeyResponse;
        rename_passkey: RenamePasskeyRequest => RenamePasskeyResponse;
        remove_passkey: RemovePasskeyRequest => RemovePasskeyResponse;
        begin_passkey_sign_in: BeginPasskeySignInRequest => BeginPasskeySignInResponse;
        sign_in_with_passkey: SignInWithPasskeyRequest => SignInWithPasskeyResponse;
        begin_passkey_step_up: BeginPasskeyStepUpRequest => BeginPasskeyStepUpResponse;
        update_me: UpdateMeRequest => UpdateMeResponse;
        create_api_key: CreateApiKeyRequest => CreateApiKeyResponse;
        count_team_keys: CountTeamKeysRequest => CountTeamKeysResponse;
        update_api_key: UpdateApiKeyRequest => UpdateApiKeyResponse;
        revoke_api_key: RevokeApiKeyRequest => RevokeApiKeyResponse;
        rotate_api_key: RotateApiKeyRequest => RotateApiKeyResponse;
        delete_api_key: DeleteApiKeyRequest => DeleteApiKeyResponse;
        create_directory_user: CreateDirectoryUserRequest => CreateDirectoryUserResponse;
        get_directory_user: GetDirectoryUserRequest => GetDirectoryUserResponse;
        list_directory_users: ListDirectoryUsersRequest => ListDirectoryUsersResponse;
        replace_directory_user: ReplaceDirectoryUserRequest => ReplaceDirectoryUserResponse;
        delete_directory_user: DeleteDirectoryUserRequest => DeleteDirectoryUserResponse;
        get_key_policy: GetKeyPolicyRequest => GetKeyPolicyResponse;
    }

    async fn get_jwks(&self, call: &Call, _: GetJwksRequest) -> Result<GetJwksResponse, Status> {
        Ok(GetJwksResponse { jwks_json: call.actor() })
    }

    async fn get_me(&self, call: &Call, _: GetMeRequest) -> Result<GetMeResponse, Status> {
        let user = User { id: call.actor(), name: call.request_id.to_string(), ..User::default() };
        Ok(GetMeResponse { user: Some(user), workspaces: vec![], consents_due: vec![] })
    }

    async fn list_api_keys(&self, _: &Call, _: ListApiKeysRequest) -> Result<ListApiKeysResponse, Status> {
        panic!("a handler with a fault")
    }

    async fn resolve_token(&self, _: &Call, request: ResolveTokenRequest) -> Result<ResolveTokenResponse, Status> {
        self.0.asked.fetch_add(1, SeqCst);
        self.0.reachable()?;
        let found = self.0.tokens.lock().unwrap().get(&request.access_token).cloned();
        self.0.slowly().await;
        found.unwrap_or(Err(Reason::TokenInvalid)).map_err(|r| r.with("refused").into())
    }

    async fn resolve_key(&self, _: &Call, request: ResolveKeyRequest) -> Result<ResolveKeyResponse, Status> {
        self.0.asked.fetch_add(1, SeqCst);
        self.0.reachable()?;
        let found = self.0.keys.lock().unwrap().get(request.sha256.as_ref()).cloned();
        self.0.slowly().await;
        found.unwrap_or(Err(Reason::UnknownKey)).map_err(|r| r.with("refused").into())
    }

    async fn record_key_use(&self, _: &Call, request: RecordKeyUseRequest) -> Result<RecordKeyUseResponse, Status> {
        self.0.reachable()?;
        self.0.used.lock().unwrap().extend(request.uses.into_iter().map(|u| u.key_id));
        Ok(RecordKeyUseResponse {})
    }

    async fn watch(&self, _: &Call, request: WatchRequest) -> Result<BoxStream<WatchResponse>, Status> {
        self.0.identity_feed.watch(request.after)
    }
}

fake! {
    impl workspace::Service, FakeWorkspaces {
        get_routing: workspace::GetRoutingRequest => workspace::GetRoutingResponse;
        put_routing: workspace::PutRoutingRequest => workspace::PutRoutingResponse;
        get_guardrails: workspace::GetGuardrailsRequest => workspace::GetGuardrailsResponse;
        put_guardrails: workspace::PutGuardrailsRequest => workspace::PutGuardrailsResponse;
        check_routing: workspace::CheckRoutingRequest => workspace::CheckRoutingResponse;
        erase_answers: workspace::EraseAnswersRequest => workspace::EraseAnswersResponse;
        claim_answer: workspace::ClaimAnswerRequest => workspace::ClaimAnswerResponse;
        keep_answer: workspace::KeepAnswerRequest => workspace::KeepAnswerResponse;
        release_answer: workspace::ReleaseAnswerRequest => workspace::ReleaseAnswerResponse;
        keep_response: workspace::KeepResponseRequest => workspace::KeepResponseResponse;
        open_response: workspace::OpenResponseRequest => workspace::OpenResponseResponse;
        delete_response: workspace::DeleteResponseRequest => workspace::DeleteResponseResponse;
        open_execution: workspace::OpenExecutionRequest => workspace::OpenExecutionResponse;
        find_execution: workspace::FindExecutionRequest => workspace::FindExecutionResponse;
        list_executions: workspace::ListExecutionsRequest => workspace::ListExecutionsResponse;
        list_open_executions: workspace::ListOpenExecutionsRequest => workspace::ListOpenExecutionsResponse;
        close_execution: workspace::CloseExecutionRequest => workspace::CloseExecutionResponse;
        list_all_workspaces: workspace::ListAllWorkspacesRequest => workspace::ListAllWorkspacesResponse;
        create_webhook: workspace::CreateWebhookRequest => workspace::CreateWebhookResponse;
        list_webhooks: workspace::ListWebhooksRequest => workspace::ListWebhooksResponse;
        get_webhook: workspace::GetWebhookRequest => workspace::GetWebhookResponse;
        update_webhook: workspace::UpdateWebhookRequest => workspace::UpdateWebhookResponse;
        delete_webhook: workspace::DeleteWebhookRequest => workspace::DeleteWebhookResponse;
        rotate_webhook_secret: workspace::RotateWebhookSecretRequest => workspace::RotateWebhookSecretResponse;
        test_webhook: workspace::TestWebhookRequest => workspace::TestWebhookResponse;
        list_webhook_deliveries: workspace::ListWebhookDeliveriesRequest => workspace::ListWebhookDeliveriesResponse;
        retry_webhook_delivery: workspace::RetryWebhookDeliveryRequest => workspace::RetryWebhookDeliveryResponse;
        create_platform_provider: workspace::CreatePlatformProviderRequest => workspace::CreatePlatformProviderResponse;
        list_platform_providers: workspace::ListPlatformProvidersRequest => workspace::ListPlatformProvidersResponse;
        get_platform_provider: workspace::GetPlatformProviderRequest => workspace::GetPlatformProviderResponse;
        update_platform_provider: workspace::UpdatePlatformProviderRequest => workspace::UpdatePlatformProviderResponse;
        delete_platform_provider: workspace::DeletePlatformProviderRequest => workspace::DeletePlatformProviderResponse;
        open_platform_provider: workspace::OpenPlatformProviderRequest => workspace::OpenPlatformProviderResponse;
        delete_execution: workspace::DeleteExecutionRequest => workspace::DeleteExecutionResponse;
        open_budget: workspace::OpenBudgetRequest => workspace::OpenBudgetResponse;
        create_workspace: workspace::CreateWorkspaceRequest => workspace::CreateWorkspaceResponse;
        list_workspaces: workspace::ListWorkspacesRequest => workspace::ListWorkspacesResponse;
        get_workspace: workspace::GetWorkspaceRequest => workspace::GetWorkspaceResponse;
        update_workspace: workspace::UpdateWorkspaceRequest => workspace::UpdateWorkspaceResponse;
        list_members: workspace::ListMembersRequest => workspace::ListMembersResponse;
        change_member_role: workspace::ChangeMemberRoleRequest => workspace::ChangeMemberRoleResponse;
        remove_member: workspace::RemoveMemberRequest => workspace::RemoveMemberResponse;
        leave_workspace: workspace::LeaveWorkspaceRequest => workspace::LeaveWorkspaceResponse;
        create_team: workspace::CreateTeamRequest => workspace::CreateTeamResponse;
        list_teams: workspace::ListTeamsRequest => workspace::ListTeamsResponse;
        get_team: workspace::GetTeamRequest => workspace::GetTeamResponse;
        update_team: workspace::UpdateTeamRequest => workspace::UpdateTeamResponse;
        delete_team: workspace::DeleteTeamRequest => workspace::DeleteTeamResponse;
        list_team_members: workspace::ListTeamMembersRequest => workspace::ListTeamMembersResponse;
        add_team_member: workspace::AddTeamMemberRequest => workspace::AddTeamMemberResponse;
        remove_team_member: workspace::RemoveTeamMemberRequest => workspace::RemoveTeamMemberResponse;
        replace_team_members: workspace::ReplaceTeamMembersRequest => workspace::ReplaceTeamMembersResponse;
        transfer_ownership: workspace::TransferOwnershipRequest => workspace::TransferOwnershipResponse;
        list_roles: workspace::ListRolesRequest => workspace::ListRolesResponse;
        get_role: workspace::GetRoleRequest => workspace::GetRoleResponse;
        create_role: workspace::CreateRoleRequest => workspace::CreateRoleResponse;
        update_role: workspace::UpdateRoleRequest => workspace::UpdateRoleResponse;
        delete_role: workspace::DeleteRoleRequest => workspace::DeleteRoleResponse;
        delete_workspace: workspace::DeleteWorkspaceRequest => workspace::DeleteWorkspaceResponse;
        restore_workspace: workspace::RestoreWorkspaceRequest => workspace::RestoreWorkspaceResponse;
        list_doomed_executions: workspace::ListDoomedExecutionsRequest => workspace::ListDoomedExecutionsResponse;
        create_invitation: workspace::CreateInvitationRequest => workspace::CreateInvitationResponse;
        list_invitations: workspace::ListInvitationsRequest => workspace::ListInvitationsResponse;
        resend_invitation: workspace::ResendInvitationRequest => workspace::ResendInvitationResponse;
        revoke_invitation: workspace::RevokeInvitationRequest => workspace::RevokeInvitationResponse;
        provision_member: workspace::ProvisionMemberRequest => workspace::ProvisionMemberResponse;
        check_invitation: workspace::CheckInvitationRequest => workspace::CheckInvitationResponse;
        accept_invitation: workspace::AcceptInvitationRequest => workspace::AcceptInvitationResponse;
        list_audit_events: workspace::ListAuditEventsRequest => workspace::ListAuditEventsResponse;
        export_audit_events: workspace::ExportAuditEventsRequest => BoxStream<workspace::ExportAuditEventsResponse>;
        create_provider: workspace::CreateProviderRequest => workspace::CreateProviderResponse;
        list_providers: workspace::ListProvidersRequest => workspace::ListProvidersResponse;
        get_provider: workspace::GetProviderRequest => workspace::GetProviderResponse;
        update_provider: workspace::UpdateProviderRequest => workspace::UpdateProviderResponse;
        delete_provider: workspace::DeleteProviderRequest => workspace::DeleteProviderResponse;
        provision_workspace: workspace::ProvisionWorkspaceRequest => workspace::ProvisionWorkspaceResponse;
        list_memberships: workspace::ListMembershipsRequest => workspace::ListMembershipsResponse;
        depart_person: workspace::DepartPersonRequest => workspace::DepartPersonResponse;
        bring_member: workspace::BringMemberRequest => workspace::BringMemberResponse;
        retire_member: workspace::RetireMemberRequest => workspace::RetireMemberResponse;
        list_acts: workspace::ListActsRequest => workspace::ListActsResponse;
        open_routing: workspace::OpenRoutingRequest => workspace::OpenRoutingResponse;
    }

    async fn resolve_team(
        &self,
        _: &Call,
        request: workspace::ResolveTeamRequest,
    ) -> Result<workspace::ResolveTeamResponse, Status> {
        self.0.asked.fetch_add(1, SeqCst);
        self.0.reachable()?;
        let is_there = self.0.seats.lock().unwrap().contains(&(request.team_id, request.user_id));
        let absent = || Reason::NotFound.with("no such team").into();
        if is_there { Ok(workspace::ResolveTeamResponse {}) } else { Err(absent()) }
    }

    async fn resolve_member(&self, _: &Call, request: ResolveMemberRequest) -> Result<ResolveMemberResponse, Status> {
        self.0.asked.fetch_add(1, SeqCst);
        self.0.reachable()?;
        let found = self.0.members.lock().unwrap().get(&(request.user_id, request.workspace_id)).cloned();
        let permissions = found.ok_or_else(|| Status::from(Reason::NotFound.with("no member")))?;
        let permissions = permissions.into_iter().map(str::to_owned).collect();
        Ok(ResolveMemberResponse { role: "member".to_owned(), permissions })
    }

    async fn watch(&self, _: &Call, request: WatchRequest) -> Result<BoxStream<WatchResponse>, Status> {
        self.0.workspace_feed.watch(request.after)
    }
}

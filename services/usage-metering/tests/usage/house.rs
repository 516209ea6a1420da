//! People, members and what happened, as the services beside this one would know them; and a box for letters.

use base64::Engine as _;
use futures::{StreamExt as _, stream};
use mail::Mailer;
use proto::{
    Call, Permission, Reason, Role,
    feed::{WatchRequest, WatchResponse},
    id::{UserId, WorkspaceId},
    identity::{self, *},
    workspace::{self, *},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};
use tokio_util::task::TaskTracker;
use tonic::{Status, codegen::BoxStream};

#[derive(Clone)]
pub struct House {
    state: Arc<Mutex<State>>,
    dir: Arc<tempfile::TempDir>,
}

#[derive(Default)]
pub struct State {
    pub people: Vec<User>,
    pub members: HashMap<(String, String), Vec<Permission>>,
    pub trail: HashMap<String, Vec<AuditEvent>>,
    /// Both services answer nothing but that they are away.
    pub away: bool,
}

/// A letter as it lies in the box.
#[derive(Debug)]
pub struct Arrived {
    pub to: String,
    pub subject: String,
    /// What its link holds; empty without one.
    pub token: String,
    /// All but the file, with soft line breaks taken out.
    pub text: String,
    pub file: Option<(String, Vec<u8>)>,
}

impl House {
    pub fn new() -> Self {
        Self { state: Arc::default(), dir: Arc::new(tempfile::tempdir().unwrap()) }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn peers(&self, tracker: &TaskTracker) -> usage_metering::Peers {
        usage_metering::Peers {
            identity: Identity::local(self.clone(), tracker.clone()).called_by(Role::UsageMetering),
            workspaces: Workspaces::local(self.clone(), tracker.clone()).called_by(Role::UsageMetering),
        }
    }

    pub fn letters(&self) -> usage_metering::Letters {
        let mailer = Mailer::folder(&mail::Config::default(), self.box_path()).unwrap();
        usage_metering::Letters { mailer, link_base: "https://api.example.com".to_owned() }
    }

    fn box_path(&self) -> std::path::PathBuf {
        self.dir.path().join("box")
    }

    /// Somebody who may do this in the workspace.
    pub fn member(&self, workspace: WorkspaceId, email: &str, locale: &str, may: &[Permission]) -> UserId {
        let mut state = self.state();
        let id = UserId::from_uuid(uuid::Uuid::from_u128(state.people.len() as u128 + 1));
        let name = email.split('@').next().unwrap().to_owned();
        let email_verified = true;
        let user = User {
            id: id.to_string(),
            email: email.into(),
            name,
            locale: locale.into(),
            email_verified,
            ..User::default()
        };
        state.people.push(user);
        state.members.insert((workspace.to_string(), id.to_string()), may.to_vec());
        id
    }

    pub fn leaves(&self, workspace: WorkspaceId, user: UserId) {
        self.state().members.remove(&(workspace.to_string(), user.to_string()));
    }

    /// While it is shut no letter leaves.
    pub fn shut(&self) {
        let _ = std::fs::remove_dir_all(self.box_path());
        std::fs::write(self.box_path(), "").unwrap();
    }

    pub fn open(&self) {
        std::fs::remove_file(self.box_path()).unwrap();
    }

    /// All letters that are in the box, by their address.
    pub fn letters_there(&self) -> Vec<Arrived> {
        let Ok(files) = std::fs::read_dir(self.box_path()) else { return vec![] };
        let whole = files.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "eml"));
        let mut all: Vec<_> = whole.map(|path| arrived(&std::fs::read_to_string(path).unwrap())).collect();
        all.sort_by(|a, b| a.to.cmp(&b.to));
        all
    }

    fn there(&self) -> Result<MutexGuard<'_, State>, Status> {
        let state = self.state();
        if state.away { Err(Reason::ServiceUnavailable.with("away").into()) } else { Ok(state) }
    }
}

fn arrived(raw: &str) -> Arrived {
    let (words, file) =
        raw.split_once("Content-Disposition: attachment;").map_or((raw, None), |(words, file)| (words, Some(file)));
    let file = file.map(|file| {
        let (head, body) = file.split_once("\r\n\r\n").unwrap();
        let encoded: String = body.split("\r\n--").next().unwrap().split_whitespace().collect();
        let name = head.split('"').nth(1).unwrap().to_owned();
        (name, base64::engine::general_purpose::STANDARD.decode(encoded).unwrap())
    });
    // Header lines go on in the next one (RFC 5322).
    let text = words.replace("=\r\n", "").replace("=3D", "=").replace("\r\n ", " ");
    let header = |name: &str| {
        text.lines().find_map(|line| line.strip_prefix(&format!("{name}: "))).unwrap_or_default().trim().to_owned()
    };
    let token = text.split("?token=").nth(1).unwrap_or_default();
    let token = token.chars().take_while(|c| c.is_ascii_alphanumeric() || "_-".contains(*c)).collect();
    Arrived { to: header("To"), subject: header("Subject"), token, text, file }
}

fn unused<T>() -> Result<T, Status> {
    Err(Status::unimplemented("not part of these tests"))
}

/// Writes the whole impl: the rpcs that tests use, and a refusal for each other.
macro_rules! fake {
    (impl $trait:path { $($unused:ident: $request:ty => $response:ty;)* } $($used:item)*) => {
        #[tonic::async_trait]
        impl $trait for House {
            $(async fn $unused(&self, _: &Call, _: $request) -> Result<$response, Status> { unused() })*
            $($used)*
        }
    };
}

fake! {
    impl identity::Service {
        sign_up: SignUpRequest => SignUpResponse;
        login: LoginRequest => LoginResponse;
        refresh: RefreshRequest => RefreshResponse;
        logout: LogoutRequest => LogoutResponse;
        switch_workspace: SwitchWorkspaceRequest => SwitchWorkspaceResponse;
        list_users: ListUsersRequest => ListUsersResponse;
        start_impersonation: StartImpersonationRequest => StartImpersonationResponse;
        list_impersonations: ListImpersonationsRequest => ListImpersonationsResponse;
        end_impersonation: EndImpersonationRequest => EndImpersonationResponse;
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
        get_me: GetMeRequest => GetMeResponse;
        update_me: UpdateMeRequest => UpdateMeResponse;
        get_jwks: GetJwksRequest => GetJwksResponse;
        create_api_key: CreateApiKeyRequest => CreateApiKeyResponse;
        update_api_key: UpdateApiKeyRequest => UpdateApiKeyResponse;
        create_directory_user: CreateDirectoryUserRequest => CreateDirectoryUserResponse;
        get_directory_user: GetDirectoryUserRequest => GetDirectoryUserResponse;
        list_directory_users: ListDirectoryUsersRequest => ListDirectoryUsersResponse;
        replace_directory_user: ReplaceDirectoryUserRequest => ReplaceDirectoryUserResponse;
        delete_directory_user: DeleteDirectoryUserRequest => DeleteDirectoryUserResponse;
        list_api_keys: ListApiKeysRequest => ListApiKeysResponse;
        count_team_keys: CountTeamKeysRequest => CountTeamKeysResponse;
        revoke_api_key: RevokeApiKeyRequest => RevokeApiKeyResponse;
        rotate_api_key: RotateApiKeyRequest => RotateApiKeyResponse;
        delete_api_key: DeleteApiKeyRequest => DeleteApiKeyResponse;
        resolve_token: ResolveTokenRequest => ResolveTokenResponse;
        resolve_key: ResolveKeyRequest => ResolveKeyResponse;
        get_key_policy: GetKeyPolicyRequest => GetKeyPolicyResponse;
        record_key_use: RecordKeyUseRequest => RecordKeyUseResponse;
        watch: WatchRequest => BoxStream<WatchResponse>;
    }

    async fn find_person(&self, _: &Call, request: FindPersonRequest) -> Result<FindPersonResponse, Status> {
        use find_person_request::By;
        let state = self.there()?;
        let found = state.people.iter().find(|user| match &request.by {
            Some(By::Email(email)) => user.email == email.to_lowercase(),
            Some(By::UserId(id)) => user.id == *id,
            None => false,
        });
        let user = found.cloned().ok_or_else(|| Status::from(Reason::NotFound.with("nobody")))?;
        Ok(FindPersonResponse { user: Some(user) })
    }
}

fake! {
    impl workspace::Service {
        get_routing: GetRoutingRequest => GetRoutingResponse;
        put_routing: PutRoutingRequest => PutRoutingResponse;
        check_routing: CheckRoutingRequest => CheckRoutingResponse;
        get_guardrails: GetGuardrailsRequest => GetGuardrailsResponse;
        put_guardrails: PutGuardrailsRequest => PutGuardrailsResponse;
        keep_response: KeepResponseRequest => KeepResponseResponse;
        open_response: OpenResponseRequest => OpenResponseResponse;
        delete_response: DeleteResponseRequest => DeleteResponseResponse;
        open_execution: OpenExecutionRequest => OpenExecutionResponse;
        find_execution: FindExecutionRequest => FindExecutionResponse;
        list_executions: ListExecutionsRequest => ListExecutionsResponse;
        list_open_executions: ListOpenExecutionsRequest => ListOpenExecutionsResponse;
        close_execution: CloseExecutionRequest => CloseExecutionResponse;
        delete_execution: DeleteExecutionRequest => DeleteExecutionResponse;
        list_all_workspaces: ListAllWorkspacesRequest => ListAllWorkspacesResponse;
        create_webhook: CreateWebhookRequest => CreateWebhookResponse;
        list_webhooks: ListWebhooksRequest => ListWebhooksResponse;
        get_webhook: GetWebhookRequest => GetWebhookResponse;
        update_webhook: UpdateWebhookRequest => UpdateWebhookResponse;
        delete_webhook: DeleteWebhookRequest => DeleteWebhookResponse;
        rotate_webhook_secret: RotateWebhookSecretRequest => RotateWebhookSecretResponse;
        test_webhook: TestWebhookRequest => TestWebhookResponse;
        list_webhook_deliveries: ListWebhookDeliveriesRequest => ListWebhookDeliveriesResponse;
        retry_webhook_delivery: RetryWebhookDeliveryRequest => RetryWebhookDeliveryResponse;
        create_platform_provider: CreatePlatformProviderRequest => CreatePlatformProviderResponse;
        list_platform_providers: ListPlatformProvidersRequest => ListPlatformProvidersResponse;
        get_platform_provider: GetPlatformProviderRequest => GetPlatformProviderResponse;
        update_platform_provider: UpdatePlatformProviderRequest => UpdatePlatformProviderResponse;
        delete_platform_provider: DeletePlatformProviderRequest => DeletePlatformProviderResponse;
        open_platform_provider: OpenPlatformProviderRequest => OpenPlatformProviderResponse;
        open_budget: OpenBudgetRequest => OpenBudgetResponse;
        erase_answers: EraseAnswersRequest => EraseAnswersResponse;
        claim_answer: ClaimAnswerRequest => ClaimAnswerResponse;
        keep_answer: KeepAnswerRequest => KeepAnswerResponse;
        release_answer: ReleaseAnswerRequest => ReleaseAnswerResponse;
        create_workspace: CreateWorkspaceRequest => CreateWorkspaceResponse;
        list_workspaces: ListWorkspacesRequest => ListWorkspacesResponse;
        update_workspace: UpdateWorkspaceRequest => UpdateWorkspaceResponse;
        list_members: ListMembersRequest => ListMembersResponse;
        change_member_role: ChangeMemberRoleRequest => ChangeMemberRoleResponse;
        remove_member: RemoveMemberRequest => RemoveMemberResponse;
        leave_workspace: LeaveWorkspaceRequest => LeaveWorkspaceResponse;
        create_team: CreateTeamRequest => CreateTeamResponse;
        list_teams: ListTeamsRequest => ListTeamsResponse;
        get_team: GetTeamRequest => GetTeamResponse;
        update_team: UpdateTeamRequest => UpdateTeamResponse;
        delete_team: DeleteTeamRequest => DeleteTeamResponse;
        list_team_members: ListTeamMembersRequest => ListTeamMembersResponse;
        add_team_member: AddTeamMemberRequest => AddTeamMemberResponse;
        remove_team_member: RemoveTeamMemberRequest => RemoveTeamMemberResponse;
        replace_team_members: ReplaceTeamMembersRequest => ReplaceTeamMembersResponse;
        resolve_team: ResolveTeamRequest => ResolveTeamResponse;
        transfer_ownership: TransferOwnershipRequest => TransferOwnershipResponse;
        list_roles: ListRolesRequest => ListRolesResponse;
        get_role: GetRoleRequest => GetRoleResponse;
        create_role: CreateRoleRequest => CreateRoleResponse;
        update_role: UpdateRoleRequest => UpdateRoleResponse;
        delete_role: DeleteRoleRequest => DeleteRoleResponse;
        delete_workspace: DeleteWorkspaceRequest => DeleteWorkspaceResponse;
        restore_workspace: RestoreWorkspaceRequest => RestoreWorkspaceResponse;
        list_doomed_executions: ListDoomedExecutionsRequest => ListDoomedExecutionsResponse;
        create_invitation: CreateInvitationRequest => CreateInvitationResponse;
        list_invitations: ListInvitationsRequest => ListInvitationsResponse;
        resend_invitation: ResendInvitationRequest => ResendInvitationResponse;
        revoke_invitation: RevokeInvitationRequest => RevokeInvitationResponse;
        provision_member: ProvisionMemberRequest => ProvisionMemberResponse;
        check_invitation: CheckInvitationRequest => CheckInvitationResponse;
        accept_invitation: AcceptInvitationRequest => AcceptInvitationResponse;
        list_audit_events: ListAuditEventsRequest => ListAuditEventsResponse;
        create_provider: CreateProviderRequest => CreateProviderResponse;
        list_providers: ListProvidersRequest => ListProvidersResponse;
        get_provider: GetProviderRequest => GetProviderResponse;
        update_provider: UpdateProviderRequest => UpdateProviderResponse;
        delete_provider: DeleteProviderRequest => DeleteProviderResponse;
        provision_workspace: ProvisionWorkspaceRequest => ProvisionWorkspaceResponse;
        list_memberships: ListMembershipsRequest => ListMembershipsResponse;
        depart_person: DepartPersonRequest => DepartPersonResponse;
        bring_member: BringMemberRequest => BringMemberResponse;
        retire_member: RetireMemberRequest => RetireMemberResponse;
        list_acts: ListActsRequest => ListActsResponse;
        open_routing: OpenRoutingRequest => OpenRoutingResponse;
        watch: WatchRequest => BoxStream<WatchResponse>;
    }

    async fn get_workspace(&self, _: &Call, _: GetWorkspaceRequest) -> Result<GetWorkspaceResponse, Status> {
        drop(self.there()?);
        let workspace = workspace::Workspace { name: "Acme [Win money]".into(), ..workspace::Workspace::default() };
        Ok(GetWorkspaceResponse { workspace: Some(workspace) })
    }

    async fn resolve_member(&self, _: &Call, request: ResolveMemberRequest) -> Result<ResolveMemberResponse, Status> {
        let state = self.there()?;
        let may = state.members.get(&(request.workspace_id, request.user_id));
        let may = may.ok_or_else(|| Status::from(Reason::NotFound.with("no member")))?;
        let permissions = may.iter().map(|permission| permission.as_str().to_owned()).collect();
        Ok(ResolveMemberResponse { role: "member".into(), permissions })
    }

    async fn export_audit_events(
        &self,
        call: &Call,
        request: ExportAuditEventsRequest,
    ) -> Result<BoxStream<ExportAuditEventsResponse>, Status> {
        let state = self.there()?;
        let filter = request.filter.unwrap_or_default();
        let seconds = |at: &Option<prost_types::Timestamp>| at.as_ref().map_or(0, |at| at.seconds);
        let (from, to) = (seconds(&filter.from), seconds(&filter.to));
        let all = state.trail.get(&call.workspace()?.to_string()).cloned().unwrap_or_default();
        let within: Vec<_> = all.into_iter().filter(|event| (from..to).contains(&seconds(&event.at))).collect();
        let pieces: Vec<_> =
            within.chunks(500).map(|events| Ok(ExportAuditEventsResponse { events: events.to_vec(), head: None })).collect();
        Ok(stream::iter(pieces).boxed())
    }
}

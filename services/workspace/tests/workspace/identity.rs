//! An identity service that has nothing but a feed.

use futures::stream;
use proto::{
    Call,
    feed::{Event, WatchRequest, WatchResponse},
    id::{EventId, UserId},
    identity::*,
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tonic::{Status, codegen::BoxStream};

/// What identity has reported so far. Clones share it.
#[derive(Clone, Default)]
pub struct Reports(Arc<Mutex<Vec<Event>>>, Arc<Mutex<Vec<Option<i64>>>>);

impl Reports {
    /// Reports something; its position follows the last one.
    pub fn say(&self, event: Event) {
        let mut events = self.0.lock().unwrap();
        let position = events.last().map_or(0, |e| e.position) + 1;
        events.push(Event { position, ..event });
    }

    /// After which positions somebody wanted to read on, in order.
    pub fn asked(&self) -> Vec<Option<i64>> {
        self.1.lock().unwrap().clone()
    }

    fn after(&self, position: i64) -> Vec<Event> {
        self.0.lock().unwrap().iter().filter(|e| e.position > position).cloned().collect()
    }
}

/// Something that happened to a person, as identity reports it.
pub fn about(kind: &str, id: EventId, user: UserId, payload: &str) -> Event {
    Event {
        id: id.to_string(),
        kind: kind.into(),
        subject: user.to_string(),
        actor: user.to_string(),
        payload: payload.into(),
        ..Event::default()
    }
}

#[tonic::async_trait]
impl Service for Reports {
    async fn watch(&self, _: &Call, request: WatchRequest) -> Result<BoxStream<WatchResponse>, Status> {
        self.1.lock().unwrap().push(request.after);
        let reports = self.clone();
        let batches = stream::unfold(request.after.unwrap_or(i64::MAX), move |position| {
            let reports = reports.clone();
            async move {
                tokio::time::sleep(Duration::from_millis(10)).await;
                let events = reports.after(position);
                let position = events.last().map_or(position, |e| e.position);
                Some((Ok(WatchResponse { events, position }), position))
            }
        });
        Ok(Box::pin(batches))
    }
    async fn sign_up(&self, _: &Call, _: SignUpRequest) -> Result<SignUpResponse, Status> {
        nothing()
    }
    async fn login(&self, _: &Call, _: LoginRequest) -> Result<LoginResponse, Status> {
        nothing()
    }
    async fn refresh(&self, _: &Call, _: RefreshRequest) -> Result<RefreshResponse, Status> {
        nothing()
    }
    async fn logout(&self, _: &Call, _: LogoutRequest) -> Result<LogoutResponse, Status> {
        nothing()
    }
    async fn switch_workspace(&self, _: &Call, _: SwitchWorkspaceRequest) -> Result<SwitchWorkspaceResponse, Status> {
        nothing()
    }
    async fn get_me(&self, _: &Call, _: GetMeRequest) -> Result<GetMeResponse, Status> {
        nothing()
    }
    async fn update_me(&self, _: &Call, _: UpdateMeRequest) -> Result<UpdateMeResponse, Status> {
        nothing()
    }
    async fn verify_email(&self, _: &Call, _: VerifyEmailRequest) -> Result<VerifyEmailResponse, Status> {
        nothing()
    }
    async fn send_magic_link(&self, _: &Call, _: SendMagicLinkRequest) -> Result<SendMagicLinkResponse, Status> {
        nothing()
    }
    async fn login_with_magic_link(
        &self,
        _: &Call,
        _: LoginWithMagicLinkRequest,
    ) -> Result<LoginWithMagicLinkResponse, Status> {
        nothing()
    }
    async fn forgot_password(&self, _: &Call, _: ForgotPasswordRequest) -> Result<ForgotPasswordResponse, Status> {
        nothing()
    }
    async fn reset_password(&self, _: &Call, _: ResetPasswordRequest) -> Result<ResetPasswordResponse, Status> {
        nothing()
    }
    async fn change_password(&self, _: &Call, _: ChangePasswordRequest) -> Result<ChangePasswordResponse, Status> {
        nothing()
    }
    async fn change_email(&self, _: &Call, _: ChangeEmailRequest) -> Result<ChangeEmailResponse, Status> {
        nothing()
    }
    async fn erase_me(&self, _: &Call, _: EraseMeRequest) -> Result<EraseMeResponse, Status> {
        nothing()
    }
    async fn export_me(&self, _: &Call, _: ExportMeRequest) -> Result<ExportMeResponse, Status> {
        nothing()
    }
    async fn list_consents(&self, _: &Call, _: ListConsentsRequest) -> Result<ListConsentsResponse, Status> {
        nothing()
    }
    async fn accept_consents(&self, _: &Call, _: AcceptConsentsRequest) -> Result<AcceptConsentsResponse, Status> {
        nothing()
    }
    async fn list_sessions(&self, _: &Call, _: ListSessionsRequest) -> Result<ListSessionsResponse, Status> {
        nothing()
    }
    async fn end_session(&self, _: &Call, _: EndSessionRequest) -> Result<EndSessionResponse, Status> {
        nothing()
    }
    async fn get_mfa(&self, _: &Call, _: GetMfaRequest) -> Result<GetMfaResponse, Status> {
        nothing()
    }
    async fn set_up_totp(&self, _: &Call, _: SetUpTotpRequest) -> Result<SetUpTotpResponse, Status> {
        nothing()
    }
    async fn confirm_totp(&self, _: &Call, _: ConfirmTotpRequest) -> Result<ConfirmTotpResponse, Status> {
        nothing()
    }
    async fn remove_totp(&self, _: &Call, _: RemoveTotpRequest) -> Result<RemoveTotpResponse, Status> {
        nothing()
    }
    async fn renew_recovery_codes(
        &self,
        _: &Call,
        _: RenewRecoveryCodesRequest,
    ) -> Result<RenewRecoveryCodesResponse, Status> {
        nothing()
    }
    async fn create_directory_user(
        &self,
        _: &Call,
        _: CreateDirectoryUserRequest,
    ) -> Result<CreateDirectoryUserResponse, Status> {
        nothing()
    }
    async fn get_directory_user(
        &self,
        _: &Call,
        _: GetDirectoryUserRequest,
    ) -> Result<GetDirectoryUserResponse, Status> {
        nothing()
    }
    async fn list_directory_users(
        &self,
        _: &Call,
        _: ListDirectoryUsersRequest,
    ) -> Result<ListDirectoryUsersResponse, Status> {
        nothing()
    }
    async fn replace_directory_user(
        &self,
        _: &Call,
        _: ReplaceDirectoryUserRequest,
    ) -> Result<ReplaceDirectoryUserResponse, Status> {
        nothing()
    }
    async fn delete_directory_user(
        &self,
        _: &Call,
        _: DeleteDirectoryUserRequest,
    ) -> Result<DeleteDirectoryUserResponse, Status> {
        nothing()
    }
    async fn list_domains(&self, _: &Call, _: ListDomainsRequest) -> Result<ListDomainsResponse, Status> {
        nothing()
    }
    async fn add_domain(&self, _: &Call, _: AddDomainRequest) -> Result<AddDomainResponse, Status> {
        nothing()
    }
    async fn verify_domain(&self, _: &Call, _: VerifyDomainRequest) -> Result<VerifyDomainResponse, Status> {
        nothing()
    }
    async fn remove_domain(&self, _: &Call, _: RemoveDomainRequest) -> Result<RemoveDomainResponse, Status> {
        nothing()
    }
    async fn get_sso(&self, _: &Call, _: GetSsoRequest) -> Result<GetSsoResponse, Status> {
        nothing()
    }
    async fn put_sso(&self, _: &Call, _: PutSsoRequest) -> Result<PutSsoResponse, Status> {
        nothing()
    }
    async fn remove_sso(&self, _: &Call, _: RemoveSsoRequest) -> Result<RemoveSsoResponse, Status> {
        nothing()
    }
    async fn start_sso(&self, _: &Call, _: StartSsoRequest) -> Result<StartSsoResponse, Status> {
        nothing()
    }
    async fn list_passkeys(&self, _: &Call, _: ListPasskeysRequest) -> Result<ListPasskeysResponse, Status> {
        nothing()
    }
    async fn begin_passkey(&self, _: &Call, _: BeginPasskeyRequest) -> Result<BeginPasskeyResponse, Status> {
        nothing()
    }
    async fn add_passkey(&self, _: &Call, _: AddPasskeyRequest) -> Result<AddPasskeyResponse, Status> {
        nothing()
    }
    async fn rename_passkey(&self, _: &Call, _: RenamePasskeyRequest) -> Result<RenamePasskeyResponse, Status> {
        nothing()
    }
    async fn remove_passkey(&self, _: &Call, _: RemovePasskeyRequest) -> Result<RemovePasskeyResponse, Status> {
        nothing()
    }
    async fn begin_passkey_sign_in(
        &self,
        _: &Call,
        _: BeginPasskeySignInRequest,
    ) -> Result<BeginPasskeySignInResponse, Status> {
        nothing()
    }
    async fn sign_in_with_passkey(
        &self,
        _: &Call,
        _: SignInWithPasskeyRequest,
    ) -> Result<SignInWithPasskeyResponse, Status> {
        nothing()
    }
    async fn begin_passkey_step_up(
        &self,
        _: &Call,
        _: BeginPasskeyStepUpRequest,
    ) -> Result<BeginPasskeyStepUpResponse, Status> {
        nothing()
    }
    async fn step_up(&self, _: &Call, _: StepUpRequest) -> Result<StepUpResponse, Status> {
        nothing()
    }
    async fn list_sign_in_providers(
        &self,
        _: &Call,
        _: ListSignInProvidersRequest,
    ) -> Result<ListSignInProvidersResponse, Status> {
        nothing()
    }
    async fn start_sign_in(&self, _: &Call, _: StartSignInRequest) -> Result<StartSignInResponse, Status> {
        nothing()
    }
    async fn finish_sign_in(&self, _: &Call, _: FinishSignInRequest) -> Result<FinishSignInResponse, Status> {
        nothing()
    }
    async fn exchange_sign_in(&self, _: &Call, _: ExchangeSignInRequest) -> Result<ExchangeSignInResponse, Status> {
        nothing()
    }
    async fn list_identities(&self, _: &Call, _: ListIdentitiesRequest) -> Result<ListIdentitiesResponse, Status> {
        nothing()
    }
    async fn link_identity(&self, _: &Call, _: LinkIdentityRequest) -> Result<LinkIdentityResponse, Status> {
        nothing()
    }
    async fn unlink_identity(&self, _: &Call, _: UnlinkIdentityRequest) -> Result<UnlinkIdentityResponse, Status> {
        nothing()
    }
    async fn list_users(&self, _: &Call, _: ListUsersRequest) -> Result<ListUsersResponse, Status> {
        nothing()
    }
    async fn start_impersonation(
        &self,
        _: &Call,
        _: StartImpersonationRequest,
    ) -> Result<StartImpersonationResponse, Status> {
        nothing()
    }
    async fn list_impersonations(
        &self,
        _: &Call,
        _: ListImpersonationsRequest,
    ) -> Result<ListImpersonationsResponse, Status> {
        nothing()
    }
    async fn end_impersonation(
        &self,
        _: &Call,
        _: EndImpersonationRequest,
    ) -> Result<EndImpersonationResponse, Status> {
        nothing()
    }
    async fn find_person(&self, _: &Call, _: FindPersonRequest) -> Result<FindPersonResponse, Status> {
        nothing()
    }
    async fn get_jwks(&self, _: &Call, _: GetJwksRequest) -> Result<GetJwksResponse, Status> {
        nothing()
    }
    async fn create_api_key(&self, _: &Call, _: CreateApiKeyRequest) -> Result<CreateApiKeyResponse, Status> {
        nothing()
    }
    async fn update_api_key(&self, _: &Call, _: UpdateApiKeyRequest) -> Result<UpdateApiKeyResponse, Status> {
        nothing()
    }
    async fn count_team_keys(&self, _: &Call, _: CountTeamKeysRequest) -> Result<CountTeamKeysResponse, Status> {
        nothing()
    }
    async fn list_api_keys(&self, _: &Call, _: ListApiKeysRequest) -> Result<ListApiKeysResponse, Status> {
        nothing()
    }
    async fn rotate_api_key(&self, _: &Call, _: RotateApiKeyRequest) -> Result<RotateApiKeyResponse, Status> {
        nothing()
    }
    async fn revoke_api_key(&self, _: &Call, _: RevokeApiKeyRequest) -> Result<RevokeApiKeyResponse, Status> {
        nothing()
    }
    async fn delete_api_key(&self, _: &Call, _: DeleteApiKeyRequest) -> Result<DeleteApiKeyResponse, Status> {
        nothing()
    }
    async fn resolve_token(&self, _: &Call, _: ResolveTokenRequest) -> Result<ResolveTokenResponse, Status> {
        nothing()
    }
    async fn resolve_key(&self, _: &Call, _: ResolveKeyRequest) -> Result<ResolveKeyResponse, Status> {
        nothing()
    }
    async fn get_key_policy(&self, _: &Call, _: GetKeyPolicyRequest) -> Result<GetKeyPolicyResponse, Status> {
        nothing()
    }
    async fn record_key_use(&self, _: &Call, _: RecordKeyUseRequest) -> Result<RecordKeyUseResponse, Status> {
        nothing()
    }
}

fn nothing<T>() -> Result<T, Status> {
    Err(Status::unimplemented("only the feed is here"))
}

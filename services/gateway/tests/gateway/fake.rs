//! The services that the gateway calls, doing as they are told.

/// Rpcs that no test of the gateway reaches, written as `async_trait` would: it does not look into macros.
macro_rules! unused {
    ($package:ident: $($name:ident($request:ident) -> $response:ident;)*) => {$(
        fn $name<'a, 'b, 'c>(&'a self, _: &'b Call, _: $package::$request)
            -> std::pin::Pin<Box<dyn Future<Output = Result<$package::$response, Status>> + Send + 'c>>
        where 'a: 'c, 'b: 'c, Self: 'c {
            Box::pin(std::future::ready(Err(Status::unimplemented("not part of this test"))))
        }
    )*};
}

// Benches take this file by its path, so its module is found by one as well.
#[path = "fake/book.rs"]
mod book;
#[path = "fake/workspace.rs"]
mod workspaces;

pub use book::Book;

use futures::StreamExt as _;
use proto::{
    Call, Reason,
    feed::{Event, WatchRequest, WatchResponse},
    identity, usage,
};
use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};
use tokio::sync::broadcast;
use tonic::{Status, codegen::BoxStream};

#[derive(Clone)]
pub struct Fakes {
    book: Arc<Mutex<Book>>,
    events: broadcast::Sender<Event>,
}

impl Fakes {
    pub fn new(book: Book) -> Self {
        Self { book: Arc::new(Mutex::new(book)), events: broadcast::channel(64).0 }
    }

    pub fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().expect("the book")
    }

    /// Something changed in the workspace service or identity.
    pub fn tell(&self, event: Event) {
        drop(self.events.send(event));
    }

    fn watch(&self, prefixes: &'static [&'static str]) -> BoxStream<WatchResponse> {
        let events = self.events.subscribe();
        Box::pin(futures::stream::unfold(events, move |mut events| async move {
            let next = tokio::time::timeout(Duration::from_millis(50), events.recv()).await;
            let events_now: Vec<Event> = next.ok().and_then(Result::ok).into_iter().collect();
            let events_now: Vec<Event> =
                events_now.into_iter().filter(|e| prefixes.iter().any(|p| e.kind.starts_with(p))).collect();
            let position = events_now.last().map_or(0, |e| e.position);
            Some((Ok(WatchResponse { events: events_now, position }), events))
        }))
        .boxed()
    }
}

#[tonic::async_trait]
impl usage::Service for Fakes {
    async fn admit(&self, _: &Call, request: usage::AdmitRequest) -> Result<usage::AdmitResponse, Status> {
        let delay = self.book().admit_delay;
        // Even a sleep of nothing lasts until the timer's next tick.
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        let mut book = self.book();
        let refusal = if book.refuse_admits.is_empty() { None } else { book.refuse_admits.remove(0) };
        if let Some(status) = refusal {
            return Err(status);
        }
        let subject = request.subject.as_ref().expect("a subject");
        let grant_id = format!("{}/{}", subject.request_id, request.attempt);
        let limits = book.limits.clone();
        book.granted.insert(grant_id.clone());
        book.admits.push(request);
        Ok(usage::AdmitResponse { grant_id, limits, stop_after_output_tokens: book.stop_after })
    }
    async fn settle(&self, _: &Call, request: usage::SettleRequest) -> Result<usage::SettleResponse, Status> {
        let mut book = self.book();
        if book.fail_settles > 0 {
            book.fail_settles -= 1;
            return Err(Reason::ServiceUnavailable.with("away").into());
        }
        if !book.granted.contains(&request.grant_id) {
            return Err(Reason::SettleUnknown.with("no grant has this id").into());
        }
        book.settles.push(request);
        Ok(usage::SettleResponse { already_settled: false })
    }
    async fn record_refusal(
        &self,
        _: &Call,
        request: usage::RecordRefusalRequest,
    ) -> Result<usage::RecordRefusalResponse, Status> {
        self.book().refusals.push(request);
        Ok(usage::RecordRefusalResponse {})
    }
    async fn heartbeat(&self, _: &Call, _: usage::HeartbeatRequest) -> Result<usage::HeartbeatResponse, Status> {
        self.book().heartbeats += 1;
        Ok(usage::HeartbeatResponse {})
    }
    async fn peek_limits(
        &self,
        _: &Call,
        request: usage::PeekLimitsRequest,
    ) -> Result<usage::PeekLimitsResponse, Status> {
        let of_layer = |layer: &usage::Layer| {
            let state = usage::LimitState { layer: layer.kind, id: layer.id.clone(), ..Default::default() };
            let rpm = layer.rpm.map(|rpm| usage::LimitState {
                kind: usage::LimitKind::RequestsPerMinute.into(),
                limit: rpm,
                used: 1,
                soft: layer.soft,
                ..state.clone()
            });
            let quotas = layer.allowances.iter().map(move |allowance| usage::LimitState {
                kind: usage::LimitKind::Quota.into(),
                resource: allowance.resource.clone(),
                period: allowance.period,
                limit: allowance.limit,
                used: allowance.limit / 4,
                soft: allowance.soft,
                currency: allowance.currency.clone(),
                ..state.clone()
            });
            rpm.into_iter().chain(quotas.collect::<Vec<_>>())
        };
        let limits = request.layers.iter().flat_map(of_layer).collect();
        self.book().peeks.push(request);
        Ok(usage::PeekLimitsResponse { limits })
    }
    async fn watch(&self, _: &Call, _: WatchRequest) -> Result<BoxStream<WatchResponse>, Status> {
        Ok(Fakes::watch(self, &["usage."]))
    }
    async fn quote_prices(
        &self,
        _: &Call,
        request: usage::QuotePricesRequest,
    ) -> Result<usage::QuotePricesResponse, Status> {
        let book = self.book();
        let quote = |model: &usage::PricedModel| {
            let nanos = book.prices.get(&model.model).copied();
            usage::Quote { input_nanos: nanos, output_nanos: nanos }
        };
        Ok(usage::QuotePricesResponse { quotes: request.models.iter().map(quote).collect() })
    }
    async fn list_logs(&self, _: &Call, _: usage::ListLogsRequest) -> Result<usage::ListLogsResponse, Status> {
        Ok(usage::ListLogsResponse { logs: self.book().logs.clone(), next_page_token: String::new() })
    }
    unused! { usage:
        count_call(CountCallRequest) -> CountCallResponse;
        get_log(GetLogRequest) -> GetLogResponse;
        get_usage(GetUsageRequest) -> GetUsageResponse;
        get_usage_by(GetUsageByRequest) -> GetUsageByResponse;
        get_usage_series(GetUsageSeriesRequest) -> GetUsageSeriesResponse;
        list_anomalies(ListAnomaliesRequest) -> ListAnomaliesResponse;
        summarize_usage(SummarizeUsageRequest) -> SummarizeUsageResponse;
        create_export(CreateExportRequest) -> CreateExportResponse;
        list_exports(ListExportsRequest) -> ListExportsResponse;
        get_export(GetExportRequest) -> GetExportResponse;
        delete_export(DeleteExportRequest) -> DeleteExportResponse;
        create_export_schedule(CreateExportScheduleRequest) -> CreateExportScheduleResponse;
        list_export_schedules(ListExportSchedulesRequest) -> ListExportSchedulesResponse;
        update_export_schedule(UpdateExportScheduleRequest) -> UpdateExportScheduleResponse;
        delete_export_schedule(DeleteExportScheduleRequest) -> DeleteExportScheduleResponse;
        record_usage(RecordUsageRequest) -> RecordUsageResponse;
        reserve_usage(ReserveUsageRequest) -> ReserveUsageResponse;
        release_usage(ReleaseUsageRequest) -> ReleaseUsageResponse;
        get_resource_usage(GetResourceUsageRequest) -> GetResourceUsageResponse;
        list_unpriced(ListUnpricedRequest) -> ListUnpricedResponse;
        sum_platform_usage(SumPlatformUsageRequest) -> SumPlatformUsageResponse;
        get_prices(GetPricesRequest) -> GetPricesResponse;
        put_prices(PutPricesRequest) -> PutPricesResponse;
    }
    async fn download_linked_export(
        &self,
        _: &Call,
        _: usage::DownloadLinkedExportRequest,
    ) -> Result<BoxStream<usage::DownloadExportResponse>, Status> {
        Err(Status::unimplemented("not part of this test"))
    }
    async fn download_export(
        &self,
        _: &Call,
        _: usage::DownloadExportRequest,
    ) -> Result<BoxStream<usage::DownloadExportResponse>, Status> {
        Err(Status::unimplemented("not part of this test"))
    }
}

#[tonic::async_trait]
impl identity::Service for Fakes {
    async fn get_key_policy(
        &self,
        _: &Call,
        _: identity::GetKeyPolicyRequest,
    ) -> Result<identity::GetKeyPolicyResponse, Status> {
        let book = self.book();
        Ok(identity::GetKeyPolicyResponse {
            limits: Some(book.key_limits.clone()),
            user_id: book.key_user.clone(),
            allowed_models: book.key_models.clone(),
            ends_at: book.key_ends_at.map(proto::time::to_proto),
            team_id: book.key_team.clone(),
        })
    }
    async fn watch(&self, _: &Call, _: WatchRequest) -> Result<BoxStream<WatchResponse>, Status> {
        Ok(Fakes::watch(self, &["api_key."]))
    }
    unused! { identity:
        sign_up(SignUpRequest) -> SignUpResponse;
        login(LoginRequest) -> LoginResponse;
        refresh(RefreshRequest) -> RefreshResponse;
        logout(LogoutRequest) -> LogoutResponse;
        switch_workspace(SwitchWorkspaceRequest) -> SwitchWorkspaceResponse;
        get_me(GetMeRequest) -> GetMeResponse;
        update_me(UpdateMeRequest) -> UpdateMeResponse;
        list_users(ListUsersRequest) -> ListUsersResponse;
        start_impersonation(StartImpersonationRequest) -> StartImpersonationResponse;
        list_impersonations(ListImpersonationsRequest) -> ListImpersonationsResponse;
        end_impersonation(EndImpersonationRequest) -> EndImpersonationResponse;
        find_person(FindPersonRequest) -> FindPersonResponse;
        verify_email(VerifyEmailRequest) -> VerifyEmailResponse;
        send_magic_link(SendMagicLinkRequest) -> SendMagicLinkResponse;
        login_with_magic_link(LoginWithMagicLinkRequest) -> LoginWithMagicLinkResponse;
        forgot_password(ForgotPasswordRequest) -> ForgotPasswordResponse;
        reset_password(ResetPasswordRequest) -> ResetPasswordResponse;
        change_password(ChangePasswordRequest) -> ChangePasswordResponse;
        change_email(ChangeEmailRequest) -> ChangeEmailResponse;
        erase_me(EraseMeRequest) -> EraseMeResponse;
        export_me(ExportMeRequest) -> ExportMeResponse;
        list_consents(ListConsentsRequest) -> ListConsentsResponse;
        accept_consents(AcceptConsentsRequest) -> AcceptConsentsResponse;
        list_sessions(ListSessionsRequest) -> ListSessionsResponse;
        end_session(EndSessionRequest) -> EndSessionResponse;
        get_mfa(GetMfaRequest) -> GetMfaResponse;
        set_up_totp(SetUpTotpRequest) -> SetUpTotpResponse;
        confirm_totp(ConfirmTotpRequest) -> ConfirmTotpResponse;
        remove_totp(RemoveTotpRequest) -> RemoveTotpResponse;
        renew_recovery_codes(RenewRecoveryCodesRequest) -> RenewRecoveryCodesResponse;
        step_up(StepUpRequest) -> StepUpResponse;
        list_domains(ListDomainsRequest) -> ListDomainsResponse;
        add_domain(AddDomainRequest) -> AddDomainResponse;
        verify_domain(VerifyDomainRequest) -> VerifyDomainResponse;
        remove_domain(RemoveDomainRequest) -> RemoveDomainResponse;
        get_sso(GetSsoRequest) -> GetSsoResponse;
        put_sso(PutSsoRequest) -> PutSsoResponse;
        remove_sso(RemoveSsoRequest) -> RemoveSsoResponse;
        start_sso(StartSsoRequest) -> StartSsoResponse;
        list_passkeys(ListPasskeysRequest) -> ListPasskeysResponse;
        begin_passkey(BeginPasskeyRequest) -> BeginPasskeyResponse;
        add_passkey(AddPasskeyRequest) -> AddPasskeyResponse;
        rename_passkey(RenamePasskeyRequest) -> RenamePasskeyResponse;
        remove_passkey(RemovePasskeyRequest) -> RemovePasskeyResponse;
        begin_passkey_sign_in(BeginPasskeySignInRequest) -> BeginPasskeySignInResponse;
        sign_in_with_passkey(SignInWithPasskeyRequest) -> SignInWithPasskeyResponse;
        begin_passkey_step_up(BeginPasskeyStepUpRequest) -> BeginPasskeyStepUpResponse;
        get_jwks(GetJwksRequest) -> GetJwksResponse;
        list_sign_in_providers(ListSignInProvidersRequest) -> ListSignInProvidersResponse;
        start_sign_in(StartSignInRequest) -> StartSignInResponse;
        finish_sign_in(FinishSignInRequest) -> FinishSignInResponse;
        exchange_sign_in(ExchangeSignInRequest) -> ExchangeSignInResponse;
        list_identities(ListIdentitiesRequest) -> ListIdentitiesResponse;
        link_identity(LinkIdentityRequest) -> LinkIdentityResponse;
        unlink_identity(UnlinkIdentityRequest) -> UnlinkIdentityResponse;
        create_api_key(CreateApiKeyRequest) -> CreateApiKeyResponse;
        update_api_key(UpdateApiKeyRequest) -> UpdateApiKeyResponse;
        create_directory_user(CreateDirectoryUserRequest) -> CreateDirectoryUserResponse;
        get_directory_user(GetDirectoryUserRequest) -> GetDirectoryUserResponse;
        list_directory_users(ListDirectoryUsersRequest) -> ListDirectoryUsersResponse;
        replace_directory_user(ReplaceDirectoryUserRequest) -> ReplaceDirectoryUserResponse;
        delete_directory_user(DeleteDirectoryUserRequest) -> DeleteDirectoryUserResponse;
        list_api_keys(ListApiKeysRequest) -> ListApiKeysResponse;
        count_team_keys(CountTeamKeysRequest) -> CountTeamKeysResponse;
        rotate_api_key(RotateApiKeyRequest) -> RotateApiKeyResponse;
        revoke_api_key(RevokeApiKeyRequest) -> RevokeApiKeyResponse;
        delete_api_key(DeleteApiKeyRequest) -> DeleteApiKeyResponse;
        resolve_token(ResolveTokenRequest) -> ResolveTokenResponse;
        resolve_key(ResolveKeyRequest) -> ResolveKeyResponse;
        record_key_use(RecordKeyUseRequest) -> RecordKeyUseResponse;
    }
}

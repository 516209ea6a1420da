mod things;

use super::{ANA, Fakes, IDENTITY, KEY_ID, PASSKEY, READING_TOKEN, SESSION, WORKSPACE, again, at, quiet, unused};
use proto::{Call, Reason, feed, identity::*};
use things::{acting, ana, consent, domain, identity, key, membership, passkey, sso, tokens, unproved};
use tonic::{Status, codegen::BoxStream};

#[tonic::async_trait]
impl Service for Fakes {
    async fn sign_up(&self, call: &Call, request: SignUpRequest) -> Result<SignUpResponse, Status> {
        self.note("sign_up", call, &request);
        match request.email.as_str() {
            "later@example.com" => Ok(SignUpResponse { verification_sent: true, ..SignUpResponse::default() }),
            "taken@example.com" => Err(Reason::EmailTaken.with("there is an account with this address").into()),
            "slow@example.com" => std::future::pending().await,
            "panic@example.com" => panic!("a bug"),
            "away@example.com" => Err(Status::unavailable("tcp connect error: 10.0.0.7:9090")),
            "bug@example.com" => Err(Status::internal("select * from users failed: secret-detail")),
            _ => Ok(SignUpResponse {
                user: ana(),
                workspace: Some(membership()),
                tokens: tokens(),
                verification_sent: false,
            }),
        }
    }
    async fn login(&self, call: &Call, request: LoginRequest) -> Result<LoginResponse, Status> {
        self.note("login", call, &request);
        if request.password != "right" {
            return Err(Reason::LoginFailed.with("e-mail address or password is wrong").into());
        }
        if request.email == "mfa@example.com" && request.totp != "287082" {
            return Err(Reason::MfaRequired.with("a code is missing").into());
        }
        if request.email == "slow@example.com" {
            let wait = std::time::Duration::from_millis(4200);
            return Err(Reason::RateLimited.with("wait").fact("layer", "account").retry_after(wait).into());
        }
        Ok(LoginResponse { user: ana(), workspace: Some(membership()), tokens: tokens() })
    }
    async fn refresh(&self, call: &Call, request: RefreshRequest) -> Result<RefreshResponse, Status> {
        self.note("refresh", call, &request);
        Ok(RefreshResponse { user: ana(), workspace: None, tokens: tokens() })
    }
    async fn logout(&self, call: &Call, request: LogoutRequest) -> Result<LogoutResponse, Status> {
        self.note("logout", call, &request.all);
        Ok(LogoutResponse {})
    }
    async fn switch_workspace(
        &self,
        call: &Call,
        request: SwitchWorkspaceRequest,
    ) -> Result<SwitchWorkspaceResponse, Status> {
        self.note("switch_workspace", call, &request);
        Ok(SwitchWorkspaceResponse { user: ana(), workspace: Some(membership()), tokens: tokens() })
    }
    async fn get_me(&self, call: &Call, request: GetMeRequest) -> Result<GetMeResponse, Status> {
        self.note("get_me", call, &request);
        Ok(GetMeResponse { user: ana(), workspaces: vec![membership()], consents_due: vec![] })
    }
    async fn update_me(&self, call: &Call, request: UpdateMeRequest) -> Result<UpdateMeResponse, Status> {
        self.note("update_me", call, &request);
        Ok(UpdateMeResponse { user: ana(), workspaces: vec![membership()], consents_due: vec![] })
    }
    async fn get_jwks(&self, _: &Call, _: GetJwksRequest) -> Result<GetJwksResponse, Status> {
        Ok(GetJwksResponse { jwks_json: r#"{"keys":[{"kty":"OKP","kid":"k1"}]}"#.into() })
    }
    async fn verify_email(&self, call: &Call, request: VerifyEmailRequest) -> Result<VerifyEmailResponse, Status> {
        self.note("verify_email", call, &request);
        if request.token != "ot_good" {
            return Err(Reason::TokenInvalid.with("the link does not work").into());
        }
        Ok(VerifyEmailResponse { user: ana(), workspace: Some(membership()), tokens: tokens() })
    }
    async fn login_with_magic_link(
        &self,
        call: &Call,
        request: LoginWithMagicLinkRequest,
    ) -> Result<LoginWithMagicLinkResponse, Status> {
        self.note("login_with_magic_link", call, &request);
        if request.token != "ot_good" {
            return Err(Reason::TokenInvalid.with("the link does not work").into());
        }
        Ok(LoginWithMagicLinkResponse { user: ana(), workspace: Some(membership()), tokens: tokens() })
    }
    async fn send_magic_link(
        &self,
        call: &Call,
        request: SendMagicLinkRequest,
    ) -> Result<SendMagicLinkResponse, Status> {
        self.note("send_magic_link", call, &request);
        Ok(SendMagicLinkResponse {})
    }
    async fn forgot_password(
        &self,
        call: &Call,
        request: ForgotPasswordRequest,
    ) -> Result<ForgotPasswordResponse, Status> {
        self.note("forgot_password", call, &request);
        Ok(ForgotPasswordResponse {})
    }
    async fn reset_password(
        &self,
        call: &Call,
        request: ResetPasswordRequest,
    ) -> Result<ResetPasswordResponse, Status> {
        self.note("reset_password", call, &request);
        Ok(ResetPasswordResponse {})
    }
    async fn change_password(
        &self,
        call: &Call,
        request: ChangePasswordRequest,
    ) -> Result<ChangePasswordResponse, Status> {
        self.note("change_password", call, &request);
        Ok(ChangePasswordResponse {})
    }
    async fn change_email(&self, call: &Call, request: ChangeEmailRequest) -> Result<ChangeEmailResponse, Status> {
        self.note("change_email", call, &request);
        Ok(ChangeEmailResponse {})
    }
    async fn erase_me(&self, call: &Call, request: EraseMeRequest) -> Result<EraseMeResponse, Status> {
        self.note("erase_me", call, &request);
        if request.password != "right" {
            return Err(Reason::LoginFailed.with("the password is wrong").into());
        }
        Ok(EraseMeResponse { user_id: ANA.into(), erased_at: at(1_790_000_000) })
    }
    async fn export_me(&self, call: &Call, request: ExportMeRequest) -> Result<ExportMeResponse, Status> {
        self.note("export_me", call, &request);
        let record = PersonalRecord { kind: "session".into(), data_json: format!(r#"{{"id":"{SESSION}"}}"#) };
        Ok(ExportMeResponse { records: vec![record] })
    }
    async fn list_consents(&self, call: &Call, request: ListConsentsRequest) -> Result<ListConsentsResponse, Status> {
        self.note("list_consents", call, &request);
        Ok(ListConsentsResponse { consents: vec![consent()], due: vec![] })
    }
    async fn accept_consents(
        &self,
        call: &Call,
        request: AcceptConsentsRequest,
    ) -> Result<AcceptConsentsResponse, Status> {
        self.note("accept_consents", call, &request);
        Ok(AcceptConsentsResponse { consents: vec![consent()], due: vec![] })
    }
    async fn end_session(&self, call: &Call, request: EndSessionRequest) -> Result<EndSessionResponse, Status> {
        self.note("end_session", call, &request);
        Ok(EndSessionResponse {})
    }
    async fn list_sessions(&self, call: &Call, request: ListSessionsRequest) -> Result<ListSessionsResponse, Status> {
        self.note("list_sessions", call, &request);
        let device = Device {
            session_id: SESSION.into(),
            user_agent: "curl/8".into(),
            address: String::new(),
            created_at: at(1_790_000_000),
            last_used_at: at(1_790_000_100),
            expires_at: at(1_790_000_200),
            current: true,
            impersonation: acting(),
        };
        Ok(ListSessionsResponse { sessions: vec![device] })
    }
    async fn get_mfa(&self, call: &Call, request: GetMfaRequest) -> Result<GetMfaResponse, Status> {
        self.note("get_mfa", call, &request);
        Ok(GetMfaResponse { enabled_at: at(1_790_000_000), recovery_codes_left: 9, shown_at: None, passkeys: 1 })
    }
    async fn set_up_totp(&self, call: &Call, request: SetUpTotpRequest) -> Result<SetUpTotpResponse, Status> {
        self.note("set_up_totp", call, &request);
        Ok(SetUpTotpResponse { secret: "GEZDGNBV".into(), uri: "otpauth://totp/Perpetuo:ana?secret=GEZDGNBV".into() })
    }
    async fn confirm_totp(&self, call: &Call, request: ConfirmTotpRequest) -> Result<ConfirmTotpResponse, Status> {
        self.note("confirm_totp", call, &request);
        if request.code != "287082" {
            return Err(Reason::MfaCodeInvalid.with("the code is wrong").into());
        }
        Ok(ConfirmTotpResponse { recovery_codes: vec!["abcdef-000000-000000-000000".into()] })
    }
    async fn remove_totp(&self, call: &Call, request: RemoveTotpRequest) -> Result<RemoveTotpResponse, Status> {
        self.note("remove_totp", call, &request);
        Err(Reason::StepUpRequired.with("show a code first").into())
    }
    async fn renew_recovery_codes(
        &self,
        call: &Call,
        request: RenewRecoveryCodesRequest,
    ) -> Result<RenewRecoveryCodesResponse, Status> {
        self.note("renew_recovery_codes", call, &request);
        Ok(RenewRecoveryCodesResponse { recovery_codes: vec!["abcdef-000000-000000-000001".into()] })
    }
    async fn step_up(&self, call: &Call, request: StepUpRequest) -> Result<StepUpResponse, Status> {
        self.note("step_up", call, &(&request.code, &request.passkey));
        Ok(StepUpResponse {})
    }
    async fn list_sign_in_providers(
        &self,
        call: &Call,
        request: ListSignInProvidersRequest,
    ) -> Result<ListSignInProvidersResponse, Status> {
        self.note("list_sign_in_providers", call, &request);
        let providers = vec![SignInProvider { name: "google".into(), label: "Google".into() }];
        Ok(ListSignInProvidersResponse { providers })
    }
    async fn start_sign_in(&self, call: &Call, request: StartSignInRequest) -> Result<StartSignInResponse, Status> {
        self.note("start_sign_in", call, &(&request, &request.browser));
        match request.provider.as_str() {
            "google" => Ok(StartSignInResponse {
                authorization_url: "https://accounts.example.com/auth?state=s1".into(),
                browser: "a-browser".into(),
            }),
            "away" => Err(Reason::SignInFailed.with("Away does not answer at this moment").into()),
            _ => Err(Reason::NotFound.with("there is no such sign-in provider").into()),
        }
    }
    async fn finish_sign_in(&self, call: &Call, request: FinishSignInRequest) -> Result<FinishSignInResponse, Status> {
        self.note("finish_sign_in", call, &(&request, &request.browser));
        let done =
            |location: &str| FinishSignInResponse { location: location.into(), code: "si_1".into(), expires_in: 60 };
        match (request.browser.as_str(), request.state.as_str()) {
            ("a-browser", "leads") => Ok(done("https://app.example.com/in?code=si_1")),
            ("a-browser", "shows") => Ok(done("")),
            ("a-browser", "refused") => {
                Err(Reason::SignInRefused.with("<Google> did not let the person in (access_denied)").into())
            }
            _ => Err(Reason::TokenInvalid.with("the sign-in cannot go on").into()),
        }
    }
    async fn exchange_sign_in(
        &self,
        call: &Call,
        request: ExchangeSignInRequest,
    ) -> Result<ExchangeSignInResponse, Status> {
        self.note("exchange_sign_in", call, &(&request, &request.browser, &request.code_verifier));
        match request.code.as_str() {
            "si_1" => Ok(ExchangeSignInResponse { user: ana(), workspace: Some(membership()), tokens: tokens() }),
            "si_other" => Err(Reason::LinkRequired.with("log in first").into()),
            _ => Err(Reason::TokenInvalid.with("the sign-in cannot go on").into()),
        }
    }
    async fn list_identities(
        &self,
        call: &Call,
        request: ListIdentitiesRequest,
    ) -> Result<ListIdentitiesResponse, Status> {
        self.note("list_identities", call, &request);
        Ok(ListIdentitiesResponse { identities: vec![identity()], has_password: true })
    }
    async fn link_identity(&self, call: &Call, request: LinkIdentityRequest) -> Result<LinkIdentityResponse, Status> {
        self.note("link_identity", call, &(&request, &request.browser));
        Ok(LinkIdentityResponse { identity: Some(identity()) })
    }
    async fn unlink_identity(
        &self,
        call: &Call,
        request: UnlinkIdentityRequest,
    ) -> Result<UnlinkIdentityResponse, Status> {
        self.note("unlink_identity", call, &request);
        if request.id == IDENTITY {
            return Err(Reason::Conflict.with("it is the only way into the account").into());
        }
        Ok(UnlinkIdentityResponse {})
    }
    async fn list_domains(&self, call: &Call, request: ListDomainsRequest) -> Result<ListDomainsResponse, Status> {
        self.note("list_domains", call, &request);
        Ok(ListDomainsResponse { domains: vec![domain(true), domain(false)] })
    }
    async fn add_domain(&self, call: &Call, request: AddDomainRequest) -> Result<AddDomainResponse, Status> {
        self.note("add_domain", call, &request);
        Ok(AddDomainResponse { domain: Some(domain(false)) })
    }
    async fn verify_domain(&self, call: &Call, request: VerifyDomainRequest) -> Result<VerifyDomainResponse, Status> {
        self.note("verify_domain", call, &request);
        if request.domain == "acme.example" {
            Ok(VerifyDomainResponse { domain: Some(domain(true)) })
        } else {
            unproved()
        }
    }
    async fn remove_domain(&self, call: &Call, request: RemoveDomainRequest) -> Result<RemoveDomainResponse, Status> {
        self.note("remove_domain", call, &request);
        Ok(RemoveDomainResponse {})
    }
    async fn get_sso(&self, call: &Call, request: GetSsoRequest) -> Result<GetSsoResponse, Status> {
        self.note("get_sso", call, &request);
        Ok(GetSsoResponse { sso: sso() })
    }
    async fn put_sso(&self, call: &Call, request: PutSsoRequest) -> Result<PutSsoResponse, Status> {
        self.note("put_sso", call, &request);
        Ok(PutSsoResponse { sso: sso() })
    }
    async fn remove_sso(&self, call: &Call, request: RemoveSsoRequest) -> Result<RemoveSsoResponse, Status> {
        self.note("remove_sso", call, &request);
        Ok(RemoveSsoResponse {})
    }
    async fn start_sso(&self, call: &Call, request: StartSsoRequest) -> Result<StartSsoResponse, Status> {
        self.note("start_sso", call, &request);
        Ok(StartSsoResponse { authorization_url: "https://login.acme.example/auth".into(), browser: "b".repeat(43) })
    }
    async fn list_passkeys(&self, call: &Call, request: ListPasskeysRequest) -> Result<ListPasskeysResponse, Status> {
        self.note("list_passkeys", call, &request);
        Ok(ListPasskeysResponse { passkeys: vec![passkey()] })
    }
    async fn begin_passkey(&self, call: &Call, request: BeginPasskeyRequest) -> Result<BeginPasskeyResponse, Status> {
        self.note("begin_passkey", call, &request.password);
        Ok(BeginPasskeyResponse { options: r#"{"challenge":"AQID","rp":{"id":"example.com"}}"#.to_owned() })
    }
    async fn add_passkey(&self, call: &Call, request: AddPasskeyRequest) -> Result<AddPasskeyResponse, Status> {
        self.note("add_passkey", call, &request.credential);
        Ok(AddPasskeyResponse { passkey: Some(Passkey { name: request.name, ..passkey() }) })
    }
    async fn rename_passkey(
        &self,
        call: &Call,
        request: RenamePasskeyRequest,
    ) -> Result<RenamePasskeyResponse, Status> {
        self.note("rename_passkey", call, &request);
        Ok(RenamePasskeyResponse { passkey: Some(Passkey { name: request.name, ..passkey() }) })
    }
    async fn remove_passkey(
        &self,
        call: &Call,
        request: RemovePasskeyRequest,
    ) -> Result<RemovePasskeyResponse, Status> {
        self.note("remove_passkey", call, &request);
        if request.id == PASSKEY {
            return Err(Reason::Conflict.with("it is the only way into the account").into());
        }
        Ok(RemovePasskeyResponse {})
    }
    async fn begin_passkey_sign_in(
        &self,
        call: &Call,
        request: BeginPasskeySignInRequest,
    ) -> Result<BeginPasskeySignInResponse, Status> {
        self.note("begin_passkey_sign_in", call, &request);
        Ok(BeginPasskeySignInResponse { options: r#"{"challenge":"AQID","allowCredentials":[]}"#.to_owned() })
    }
    async fn sign_in_with_passkey(
        &self,
        call: &Call,
        request: SignInWithPasskeyRequest,
    ) -> Result<SignInWithPasskeyResponse, Status> {
        self.note("sign_in_with_passkey", call, &request.credential);
        if !request.credential.contains("right") {
            return Err(Reason::LoginFailed.with("the passkey opens no account here").into());
        }
        Ok(SignInWithPasskeyResponse { user: ana(), workspace: Some(membership()), tokens: tokens() })
    }
    async fn begin_passkey_step_up(
        &self,
        call: &Call,
        request: BeginPasskeyStepUpRequest,
    ) -> Result<BeginPasskeyStepUpResponse, Status> {
        self.note("begin_passkey_step_up", call, &request);
        Ok(BeginPasskeyStepUpResponse { options: r#"{"challenge":"AQID","allowCredentials":[{}]}"#.to_owned() })
    }
    async fn list_users(&self, call: &Call, request: ListUsersRequest) -> Result<ListUsersResponse, Status> {
        self.note("list_users", call, &request);
        let account = Account { user: ana(), platform_role: "developer".into(), disabled_at: None };
        Ok(ListUsersResponse { users: vec![account], next_page_token: String::new() })
    }
    async fn start_impersonation(
        &self,
        call: &Call,
        request: StartImpersonationRequest,
    ) -> Result<StartImpersonationResponse, Status> {
        self.note("start_impersonation", call, &request);
        Ok(StartImpersonationResponse { impersonation: acting(), access_token: READING_TOKEN.into() })
    }
    async fn list_impersonations(
        &self,
        call: &Call,
        request: ListImpersonationsRequest,
    ) -> Result<ListImpersonationsResponse, Status> {
        self.note("list_impersonations", call, &request);
        Ok(ListImpersonationsResponse {
            impersonations: acting().into_iter().collect(),
            next_page_token: String::new(),
        })
    }
    async fn end_impersonation(
        &self,
        call: &Call,
        request: EndImpersonationRequest,
    ) -> Result<EndImpersonationResponse, Status> {
        self.note("end_impersonation", call, &request);
        Ok(EndImpersonationResponse {})
    }
    async fn find_person(&self, _: &Call, _: FindPersonRequest) -> Result<FindPersonResponse, Status> {
        unused()
    }
    async fn create_api_key(&self, call: &Call, request: CreateApiKeyRequest) -> Result<CreateApiKeyResponse, Status> {
        self.note("create_api_key", call, &request);
        Ok(CreateApiKeyResponse { api_key: key(false), key: "pk_the-key-itself".into(), replayed: again(call) })
    }
    async fn update_api_key(&self, call: &Call, request: UpdateApiKeyRequest) -> Result<UpdateApiKeyResponse, Status> {
        self.note("update_api_key", call, &request);
        Ok(UpdateApiKeyResponse { api_key: key(false) })
    }
    async fn count_team_keys(
        &self,
        call: &Call,
        request: CountTeamKeysRequest,
    ) -> Result<CountTeamKeysResponse, Status> {
        self.note("count_team_keys", call, &request);
        Ok(CountTeamKeysResponse { active: 2 })
    }
    async fn list_api_keys(&self, call: &Call, request: ListApiKeysRequest) -> Result<ListApiKeysResponse, Status> {
        self.note("list_api_keys", call, &request);
        if request.page_token != "next" {
            proto::Page::parse(request.page_size, &request.page_token)?;
        }
        let next_page_token = if request.page_token == "next" { String::new() } else { "next".to_owned() };
        Ok(ListApiKeysResponse { api_keys: key(false).into_iter().collect(), next_page_token })
    }
    async fn revoke_api_key(&self, call: &Call, request: RevokeApiKeyRequest) -> Result<RevokeApiKeyResponse, Status> {
        self.note("revoke_api_key", call, &request);
        Ok(RevokeApiKeyResponse { api_key: key(true) })
    }
    async fn rotate_api_key(&self, call: &Call, request: RotateApiKeyRequest) -> Result<RotateApiKeyResponse, Status> {
        self.note("rotate_api_key", call, &request);
        Ok(RotateApiKeyResponse { api_key: key(false), key: "pk_another-one".into(), replayed: again(call) })
    }
    async fn delete_api_key(&self, call: &Call, request: DeleteApiKeyRequest) -> Result<DeleteApiKeyResponse, Status> {
        self.note("delete_api_key", call, &request);
        Ok(DeleteApiKeyResponse {})
    }
    async fn create_directory_user(
        &self,
        call: &Call,
        request: CreateDirectoryUserRequest,
    ) -> Result<CreateDirectoryUserResponse, Status> {
        self.note("create_directory_user", call, &request);
        self.directory.lock().unwrap().create(request)
    }
    async fn get_directory_user(
        &self,
        _: &Call,
        request: GetDirectoryUserRequest,
    ) -> Result<GetDirectoryUserResponse, Status> {
        self.directory.lock().unwrap().get(&request.user_id)
    }
    async fn list_directory_users(
        &self,
        call: &Call,
        request: ListDirectoryUsersRequest,
    ) -> Result<ListDirectoryUsersResponse, Status> {
        self.note("list_directory_users", call, &request);
        Ok(self.directory.lock().unwrap().list(&request))
    }
    async fn replace_directory_user(
        &self,
        call: &Call,
        request: ReplaceDirectoryUserRequest,
    ) -> Result<ReplaceDirectoryUserResponse, Status> {
        self.note("replace_directory_user", call, &request);
        self.directory.lock().unwrap().replace(request)
    }
    async fn delete_directory_user(
        &self,
        call: &Call,
        request: DeleteDirectoryUserRequest,
    ) -> Result<DeleteDirectoryUserResponse, Status> {
        self.note("delete_directory_user", call, &request);
        self.directory.lock().unwrap().delete(&request)
    }
    async fn resolve_token(&self, call: &Call, request: ResolveTokenRequest) -> Result<ResolveTokenResponse, Status> {
        self.note("resolve_token", call, &());
        things::whose(&request)
    }
    async fn resolve_key(&self, _: &Call, request: ResolveKeyRequest) -> Result<ResolveKeyResponse, Status> {
        let is = |key: &str| request.sha256 == host::door::key::hash(key)[..];
        let scopes: &[&str] = match () {
            () if is(&self.key) => &["inference"],
            () if is(&self.directory_key) => &["members.read", "members.write"],
            () => return Err(Reason::UnknownKey.with("the API key is not known").into()),
        };
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let (key_id, workspace_id) = (KEY_ID.into(), WORKSPACE.into());
        Ok(ResolveKeyResponse { key_id, workspace_id, scopes, ..ResolveKeyResponse::default() })
    }
    async fn get_key_policy(&self, _: &Call, _: GetKeyPolicyRequest) -> Result<GetKeyPolicyResponse, Status> {
        unused()
    }
    async fn record_key_use(&self, _: &Call, _: RecordKeyUseRequest) -> Result<RecordKeyUseResponse, Status> {
        Ok(RecordKeyUseResponse {})
    }
    async fn watch(&self, _: &Call, _: feed::WatchRequest) -> Result<BoxStream<feed::WatchResponse>, Status> {
        Ok(quiet())
    }
}

//! One line per rpc: which verb answers it.

use crate::{
    Identity, consent, directory, domain, erasure, impersonation, key, linked, mfa, passkey, personal, session,
    session::answer::Answer,
    sign_in, sso, token,
    user::{self, sign_up::SignedUp},
};
use proto::{Call, feed, identity as pb};
use tonic::{Status, codegen::BoxStream};

#[tonic::async_trait]
impl pb::Service for Identity {
    async fn sign_up(&self, call: &Call, request: pb::SignUpRequest) -> Result<pb::SignUpResponse, Status> {
        Ok(match user::sign_up::sign_up(&self.0, call, request).await? {
            SignedUp::Done(answer) => {
                let Answer { user, workspace, tokens } = *answer;
                pb::SignUpResponse { user, workspace, tokens, verification_sent: false }
            }
            SignedUp::VerificationSent => pb::SignUpResponse { verification_sent: true, ..Default::default() },
        })
    }

    async fn verify_email(
        &self,
        call: &Call,
        request: pb::VerifyEmailRequest,
    ) -> Result<pb::VerifyEmailResponse, Status> {
        let Answer { user, workspace, tokens } = user::verify_email::verify(&self.0, call, request).await?;
        Ok(pb::VerifyEmailResponse { user, workspace, tokens })
    }

    async fn send_magic_link(
        &self,
        _: &Call,
        request: pb::SendMagicLinkRequest,
    ) -> Result<pb::SendMagicLinkResponse, Status> {
        Ok(session::magic_link::send(&self.0, request).await?)
    }

    async fn login_with_magic_link(
        &self,
        call: &Call,
        request: pb::LoginWithMagicLinkRequest,
    ) -> Result<pb::LoginWithMagicLinkResponse, Status> {
        let Answer { user, workspace, tokens } =
            session::outcome::counted(session::magic_link::login(&self.0, call, request).await)?;
        Ok(pb::LoginWithMagicLinkResponse { user, workspace, tokens })
    }

    async fn forgot_password(
        &self,
        _: &Call,
        request: pb::ForgotPasswordRequest,
    ) -> Result<pb::ForgotPasswordResponse, Status> {
        Ok(user::set_password::forgot(&self.0, request).await?)
    }

    async fn reset_password(
        &self,
        call: &Call,
        request: pb::ResetPasswordRequest,
    ) -> Result<pb::ResetPasswordResponse, Status> {
        Ok(user::set_password::reset(&self.0, call, request).await?)
    }

    async fn change_password(
        &self,
        call: &Call,
        request: pb::ChangePasswordRequest,
    ) -> Result<pb::ChangePasswordResponse, Status> {
        Ok(user::set_password::change(&self.0, call, request).await?)
    }

    async fn change_email(
        &self,
        call: &Call,
        request: pb::ChangeEmailRequest,
    ) -> Result<pb::ChangeEmailResponse, Status> {
        Ok(user::change_email::change(&self.0, call, request).await?)
    }

    async fn list_sessions(&self, call: &Call, _: pb::ListSessionsRequest) -> Result<pb::ListSessionsResponse, Status> {
        Ok(session::list::list(&self.0, call).await?)
    }

    async fn end_session(&self, call: &Call, request: pb::EndSessionRequest) -> Result<pb::EndSessionResponse, Status> {
        Ok(session::list::end(&self.0, call, request).await?)
    }

    async fn login(&self, call: &Call, request: pb::LoginRequest) -> Result<pb::LoginResponse, Status> {
        let Answer { user, workspace, tokens } =
            session::outcome::counted(session::login::login(&self.0, call, request).await)?;
        Ok(pb::LoginResponse { user, workspace, tokens })
    }

    async fn list_sign_in_providers(
        &self,
        _: &Call,
        _: pb::ListSignInProvidersRequest,
    ) -> Result<pb::ListSignInProvidersResponse, Status> {
        Ok(sign_in::list::list(&self.0))
    }

    async fn start_sign_in(
        &self,
        call: &Call,
        request: pb::StartSignInRequest,
    ) -> Result<pb::StartSignInResponse, Status> {
        Ok(sign_in::start::start(&self.0, call, request).await?)
    }

    async fn finish_sign_in(
        &self,
        call: &Call,
        request: pb::FinishSignInRequest,
    ) -> Result<pb::FinishSignInResponse, Status> {
        Ok(sign_in::finish::finish(&self.0, call, request).await?)
    }

    async fn exchange_sign_in(
        &self,
        call: &Call,
        request: pb::ExchangeSignInRequest,
    ) -> Result<pb::ExchangeSignInResponse, Status> {
        let Answer { user, workspace, tokens } =
            session::outcome::counted(sign_in::exchange::exchange(&self.0, call, request).await)?;
        Ok(pb::ExchangeSignInResponse { user, workspace, tokens })
    }

    async fn list_identities(
        &self,
        call: &Call,
        _: pb::ListIdentitiesRequest,
    ) -> Result<pb::ListIdentitiesResponse, Status> {
        Ok(linked::list::list(&self.0, call).await?)
    }

    async fn link_identity(
        &self,
        call: &Call,
        request: pb::LinkIdentityRequest,
    ) -> Result<pb::LinkIdentityResponse, Status> {
        Ok(linked::link::answer(&self.0, call, request).await?)
    }

    async fn unlink_identity(
        &self,
        call: &Call,
        request: pb::UnlinkIdentityRequest,
    ) -> Result<pb::UnlinkIdentityResponse, Status> {
        Ok(linked::unlink::unlink(&self.0, call, request).await?)
    }

    async fn refresh(&self, call: &Call, request: pb::RefreshRequest) -> Result<pb::RefreshResponse, Status> {
        let Answer { user, workspace, tokens } = session::refresh::refresh(&self.0, call, request).await?;
        Ok(pb::RefreshResponse { user, workspace, tokens })
    }

    async fn logout(&self, call: &Call, request: pb::LogoutRequest) -> Result<pb::LogoutResponse, Status> {
        Ok(session::logout::logout(&self.0, call, request).await?)
    }

    async fn switch_workspace(
        &self,
        call: &Call,
        request: pb::SwitchWorkspaceRequest,
    ) -> Result<pb::SwitchWorkspaceResponse, Status> {
        let Answer { user, workspace, tokens } = session::switch::switch(&self.0, call, request).await?;
        Ok(pb::SwitchWorkspaceResponse { user, workspace, tokens })
    }

    async fn get_me(&self, call: &Call, _: pb::GetMeRequest) -> Result<pb::GetMeResponse, Status> {
        Ok(user::me::get(&self.0, call).await?)
    }

    async fn update_me(&self, call: &Call, request: pb::UpdateMeRequest) -> Result<pb::UpdateMeResponse, Status> {
        Ok(user::update::update(&self.0, call, request).await?)
    }

    async fn erase_me(&self, call: &Call, request: pb::EraseMeRequest) -> Result<pb::EraseMeResponse, Status> {
        Ok(erasure::ask::ask(&self.0, call, request).await?)
    }

    async fn export_me(&self, call: &Call, _: pb::ExportMeRequest) -> Result<pb::ExportMeResponse, Status> {
        Ok(personal::export(&self.0, call).await?)
    }

    async fn list_domains(&self, call: &Call, _: pb::ListDomainsRequest) -> Result<pb::ListDomainsResponse, Status> {
        Ok(domain::list::list(&self.0, call).await?)
    }

    async fn add_domain(&self, call: &Call, request: pb::AddDomainRequest) -> Result<pb::AddDomainResponse, Status> {
        Ok(domain::add::add(&self.0, call, request).await?)
    }

    async fn verify_domain(
        &self,
        call: &Call,
        request: pb::VerifyDomainRequest,
    ) -> Result<pb::VerifyDomainResponse, Status> {
        Ok(domain::verify::verify(&self.0, call, request).await?)
    }

    async fn remove_domain(
        &self,
        call: &Call,
        request: pb::RemoveDomainRequest,
    ) -> Result<pb::RemoveDomainResponse, Status> {
        Ok(domain::remove::remove(&self.0, call, request).await?)
    }

    async fn get_sso(&self, call: &Call, _: pb::GetSsoRequest) -> Result<pb::GetSsoResponse, Status> {
        Ok(sso::get::get(&self.0, call).await?)
    }

    async fn put_sso(&self, call: &Call, request: pb::PutSsoRequest) -> Result<pb::PutSsoResponse, Status> {
        Ok(sso::put::put(&self.0, call, request).await?)
    }

    async fn remove_sso(&self, call: &Call, _: pb::RemoveSsoRequest) -> Result<pb::RemoveSsoResponse, Status> {
        Ok(sso::remove::remove(&self.0, call).await?)
    }

    async fn start_sso(&self, call: &Call, request: pb::StartSsoRequest) -> Result<pb::StartSsoResponse, Status> {
        Ok(sso::start::start(&self.0, call, request).await?)
    }

    async fn list_consents(&self, call: &Call, _: pb::ListConsentsRequest) -> Result<pb::ListConsentsResponse, Status> {
        Ok(consent::list(&self.0, call).await?)
    }

    async fn accept_consents(
        &self,
        call: &Call,
        request: pb::AcceptConsentsRequest,
    ) -> Result<pb::AcceptConsentsResponse, Status> {
        Ok(consent::accept(&self.0, call, request).await?)
    }

    async fn get_mfa(&self, call: &Call, _: pb::GetMfaRequest) -> Result<pb::GetMfaResponse, Status> {
        Ok(mfa::status::get(&self.0, call).await?)
    }

    async fn set_up_totp(&self, call: &Call, request: pb::SetUpTotpRequest) -> Result<pb::SetUpTotpResponse, Status> {
        Ok(mfa::set_up::set_up(&self.0, call, request).await?)
    }

    async fn confirm_totp(
        &self,
        call: &Call,
        request: pb::ConfirmTotpRequest,
    ) -> Result<pb::ConfirmTotpResponse, Status> {
        Ok(mfa::confirm::confirm(&self.0, call, request).await?)
    }

    async fn remove_totp(&self, call: &Call, _: pb::RemoveTotpRequest) -> Result<pb::RemoveTotpResponse, Status> {
        Ok(mfa::remove::remove(&self.0, call).await?)
    }

    async fn renew_recovery_codes(
        &self,
        call: &Call,
        _: pb::RenewRecoveryCodesRequest,
    ) -> Result<pb::RenewRecoveryCodesResponse, Status> {
        Ok(mfa::renew::renew(&self.0, call).await?)
    }

    async fn step_up(&self, call: &Call, request: pb::StepUpRequest) -> Result<pb::StepUpResponse, Status> {
        Ok(mfa::step_up::step_up(&self.0, call, request).await?)
    }

    async fn list_passkeys(&self, call: &Call, _: pb::ListPasskeysRequest) -> Result<pb::ListPasskeysResponse, Status> {
        Ok(passkey::list::list(&self.0, call).await?)
    }

    async fn begin_passkey(
        &self,
        call: &Call,
        request: pb::BeginPasskeyRequest,
    ) -> Result<pb::BeginPasskeyResponse, Status> {
        Ok(passkey::begin::begin(&self.0, call, request).await?)
    }

    async fn add_passkey(&self, call: &Call, request: pb::AddPasskeyRequest) -> Result<pb::AddPasskeyResponse, Status> {
        Ok(passkey::add::add(&self.0, call, request).await?)
    }

    async fn rename_passkey(
        &self,
        call: &Call,
        request: pb::RenamePasskeyRequest,
    ) -> Result<pb::RenamePasskeyResponse, Status> {
        Ok(passkey::rename::rename(&self.0, call, request).await?)
    }

    async fn remove_passkey(
        &self,
        call: &Call,
        request: pb::RemovePasskeyRequest,
    ) -> Result<pb::RemovePasskeyResponse, Status> {
        Ok(passkey::remove::remove(&self.0, call, request).await?)
    }

    async fn begin_passkey_sign_in(
        &self,
        call: &Call,
        _: pb::BeginPasskeySignInRequest,
    ) -> Result<pb::BeginPasskeySignInResponse, Status> {
        Ok(passkey::sign_in::begin(&self.0, call).await?)
    }

    async fn sign_in_with_passkey(
        &self,
        call: &Call,
        request: pb::SignInWithPasskeyRequest,
    ) -> Result<pb::SignInWithPasskeyResponse, Status> {
        let Answer { user, workspace, tokens } =
            session::outcome::counted(passkey::sign_in::finish(&self.0, call, request).await)?;
        Ok(pb::SignInWithPasskeyResponse { user, workspace, tokens })
    }

    async fn begin_passkey_step_up(
        &self,
        call: &Call,
        _: pb::BeginPasskeyStepUpRequest,
    ) -> Result<pb::BeginPasskeyStepUpResponse, Status> {
        Ok(passkey::step_up::begin(&self.0, call).await?)
    }

    async fn get_jwks(&self, _: &Call, _: pb::GetJwksRequest) -> Result<pb::GetJwksResponse, Status> {
        Ok(token::jwks::get(&self.0.keys).await?)
    }

    async fn list_users(&self, _: &Call, request: pb::ListUsersRequest) -> Result<pb::ListUsersResponse, Status> {
        Ok(user::list::list(&self.0, request).await?)
    }

    async fn find_person(&self, _: &Call, request: pb::FindPersonRequest) -> Result<pb::FindPersonResponse, Status> {
        Ok(user::find::find(&self.0, request).await?)
    }

    async fn start_impersonation(
        &self,
        call: &Call,
        request: pb::StartImpersonationRequest,
    ) -> Result<pb::StartImpersonationResponse, Status> {
        Ok(impersonation::start::start(&self.0, call, request).await?)
    }

    async fn list_impersonations(
        &self,
        _: &Call,
        request: pb::ListImpersonationsRequest,
    ) -> Result<pb::ListImpersonationsResponse, Status> {
        Ok(impersonation::list::list(&self.0, request).await?)
    }

    async fn end_impersonation(
        &self,
        call: &Call,
        request: pb::EndImpersonationRequest,
    ) -> Result<pb::EndImpersonationResponse, Status> {
        Ok(impersonation::end::end(&self.0, call, request).await?)
    }

    async fn create_api_key(
        &self,
        call: &Call,
        request: pb::CreateApiKeyRequest,
    ) -> Result<pb::CreateApiKeyResponse, Status> {
        Ok(key::create::create(&self.0, call, request).await?)
    }

    async fn count_team_keys(
        &self,
        call: &Call,
        request: pb::CountTeamKeysRequest,
    ) -> Result<pb::CountTeamKeysResponse, Status> {
        Ok(key::team::count(&self.0, call, request).await?)
    }

    async fn list_api_keys(
        &self,
        call: &Call,
        request: pb::ListApiKeysRequest,
    ) -> Result<pb::ListApiKeysResponse, Status> {
        Ok(key::list::list(&self.0, call, request).await?)
    }

    async fn revoke_api_key(
        &self,
        call: &Call,
        request: pb::RevokeApiKeyRequest,
    ) -> Result<pb::RevokeApiKeyResponse, Status> {
        Ok(key::revoke::revoke(&self.0, call, request).await?)
    }

    async fn update_api_key(
        &self,
        call: &Call,
        request: pb::UpdateApiKeyRequest,
    ) -> Result<pb::UpdateApiKeyResponse, Status> {
        Ok(key::update::update(&self.0, call, request).await?)
    }

    async fn rotate_api_key(
        &self,
        call: &Call,
        request: pb::RotateApiKeyRequest,
    ) -> Result<pb::RotateApiKeyResponse, Status> {
        Ok(key::rotate::rotate(&self.0, call, request).await?)
    }

    async fn delete_api_key(
        &self,
        call: &Call,
        request: pb::DeleteApiKeyRequest,
    ) -> Result<pb::DeleteApiKeyResponse, Status> {
        Ok(key::delete::delete(&self.0, call, request).await?)
    }

    async fn create_directory_user(
        &self,
        call: &Call,
        request: pb::CreateDirectoryUserRequest,
    ) -> Result<pb::CreateDirectoryUserResponse, Status> {
        Ok(directory::create::create(&self.0, call, request).await?)
    }

    async fn get_directory_user(
        &self,
        call: &Call,
        request: pb::GetDirectoryUserRequest,
    ) -> Result<pb::GetDirectoryUserResponse, Status> {
        Ok(directory::list::get(&self.0, call, request).await?)
    }

    async fn list_directory_users(
        &self,
        call: &Call,
        request: pb::ListDirectoryUsersRequest,
    ) -> Result<pb::ListDirectoryUsersResponse, Status> {
        Ok(directory::list::list(&self.0, call, request).await?)
    }

    async fn replace_directory_user(
        &self,
        call: &Call,
        request: pb::ReplaceDirectoryUserRequest,
    ) -> Result<pb::ReplaceDirectoryUserResponse, Status> {
        Ok(directory::replace::replace(&self.0, call, request).await?)
    }

    async fn delete_directory_user(
        &self,
        call: &Call,
        request: pb::DeleteDirectoryUserRequest,
    ) -> Result<pb::DeleteDirectoryUserResponse, Status> {
        Ok(directory::delete::delete(&self.0, call, request).await?)
    }

    async fn resolve_token(
        &self,
        _: &Call,
        request: pb::ResolveTokenRequest,
    ) -> Result<pb::ResolveTokenResponse, Status> {
        Ok(token::resolve::resolve(&self.0, request).await?)
    }

    async fn resolve_key(&self, _: &Call, request: pb::ResolveKeyRequest) -> Result<pb::ResolveKeyResponse, Status> {
        Ok(key::resolve::resolve(&self.0, request).await?)
    }

    async fn get_key_policy(
        &self,
        _: &Call,
        request: pb::GetKeyPolicyRequest,
    ) -> Result<pb::GetKeyPolicyResponse, Status> {
        Ok(key::policy::get(&self.0, request).await?)
    }

    async fn record_key_use(
        &self,
        _: &Call,
        request: pb::RecordKeyUseRequest,
    ) -> Result<pb::RecordKeyUseResponse, Status> {
        Ok(key::touch::touch(&self.0, request).await?)
    }

    async fn watch(&self, _: &Call, request: feed::WatchRequest) -> Result<BoxStream<feed::WatchResponse>, Status> {
        Ok(self.0.feed.watch(request.after))
    }
}

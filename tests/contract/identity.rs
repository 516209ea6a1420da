//! What identity promises.

use crate::{Handles, Somebody, anonymous, checks, reason};
use anyhow::ensure;
use proto::{
    Call, Impersonation, Permission, Reason, Role, Scopes,
    identity::{
        AcceptConsentsRequest, AddPasskeyRequest, BeginPasskeyRequest, BeginPasskeySignInRequest,
        BeginPasskeyStepUpRequest, ChangeEmailRequest, ChangePasswordRequest, ConfirmTotpRequest, ConsentText,
        CreateApiKeyRequest, DeleteApiKeyRequest, EndImpersonationRequest, EndSessionRequest, EraseMeRequest,
        ExchangeSignInRequest, ExportMeRequest, FindPersonRequest, FinishSignInRequest, ForgotPasswordRequest,
        GetJwksRequest, GetKeyPolicyRequest, GetMeRequest, GetMfaRequest, KeyUse, LinkIdentityRequest,
        ListApiKeysRequest, ListConsentsRequest, ListIdentitiesRequest, ListImpersonationsRequest, ListPasskeysRequest,
        ListSessionsRequest, ListSignInProvidersRequest, ListUsersRequest, LoginRequest, LoginWithMagicLinkRequest,
        LogoutRequest, RecordKeyUseRequest, RefreshRequest, RemovePasskeyRequest, RemoveTotpRequest,
        RenamePasskeyRequest, RenewRecoveryCodesRequest, ResetPasswordRequest, ResolveKeyRequest, ResolveTokenRequest,
        RevokeApiKeyRequest, RotateApiKeyRequest, SendMagicLinkRequest, SetUpTotpRequest, SignInWithPasskeyRequest,
        StartImpersonationRequest, StartSignInRequest, StepUpRequest, SwitchWorkspaceRequest, UnlinkIdentityRequest,
        UpdateApiKeyRequest, UpdateMeRequest, VerifyEmailRequest, find_person_request::By,
    },
    limits::{Budget, Budgets, Limits, Period},
    workspace::{
        CreateWorkspaceRequest, DeleteWorkspaceRequest, DepartPersonRequest, ListActsRequest, ListWorkspacesRequest,
        UpdateWorkspaceRequest,
    },
};
use tests::{authenticator, client::PASSWORD};

checks!(
    an_account_comes_with_a_workspace_and_tokens,
    logging_in_needs_the_password,
    a_refresh_gives_a_successor_once,
    logging_out_ends_the_session,
    a_profile_changes,
    switching_needs_membership,
    the_signing_keys_are_published,
    a_key_is_found_by_its_hash_until_revoked,
    a_key_carries_its_limits,
    a_key_changes_its_text_and_keeps_what_it_is_bound_to,
    a_key_has_no_more_scopes_than_its_creator,
    accounts_are_for_operators_to_see,
    operators_who_act_for_somebody_are_held_to_it,
    a_person_is_found_for_a_letter_by_usage_metering_alone,
    links_that_nobody_sent_open_nothing,
    without_mail_nothing_that_needs_a_letter_is_promised,
    devices_are_seen_and_logged_out_by_their_owner,
    a_second_factor_is_asked_for_until_its_owner_removes_it,
    passkeys_are_asked_for_and_what_was_not_asked_for_is_refused,
    where_no_provider_is_configured_nobody_comes_in_by_one,
    nobody_is_erased_while_a_workspace_needs_them_and_then_for_ever,
);

async fn nobody_is_erased_while_a_workspace_needs_them_and_then_for_ever(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let consents = h.identity.list_consents(&ada.call, ListConsentsRequest {}).await?;
    ensure!(consents.consents.is_empty() && consents.due.is_empty(), "{consents:?}");
    let text = ConsentText { kind: "terms".to_owned(), version: "1".to_owned(), url: String::new() };
    let accept = AcceptConsentsRequest { consents: vec![text] };
    let refused = reason(h.identity.accept_consents(&ada.call, accept).await)?;
    ensure!(refused == Reason::RefusedValue, "nobody asks for it: {refused:?}");
    let file = h.identity.export_me(&ada.call, ExportMeRequest {}).await?.records;
    ensure!(file.iter().any(|record| record.kind == "session"), "{file:?}");
    let acts = h.workspaces.list_acts(&ada.call, ListActsRequest::default()).await?.acts;
    ensure!(acts.iter().any(|act| act.action == "workspace.created"), "{acts:?}");

    let erase = EraseMeRequest { email: ada.email.clone(), password: PASSWORD.to_owned() };
    let refused = reason(h.identity.erase_me(&ada.call, erase.clone()).await)?;
    ensure!(refused == Reason::LastOwner, "{refused:?}");
    let depart = DepartPersonRequest { user_id: ada.user.to_string(), email: ada.email.clone() };
    let refused = reason(h.called_by(Role::Identity).workspaces.depart_person(&anonymous(), depart.clone()).await)?;
    ensure!(refused == Reason::LastOwner, "{refused:?}");
    let refused = reason(h.workspaces.depart_person(&ada.call, depart).await)?;
    ensure!(refused == Reason::PermissionDenied, "that is for identity: {refused:?}");
    h.workspaces.delete_workspace(&ada.call, DeleteWorkspaceRequest {}).await?;
    let erased = h.identity.erase_me(&ada.call, erase).await?;
    ensure!(erased.user_id == ada.user.to_string(), "{erased:?}");
    let login = LoginRequest { email: ada.email, password: PASSWORD.to_owned(), ..LoginRequest::default() };
    let refused = reason(h.identity.login(&anonymous(), login).await)?;
    ensure!(refused == Reason::LoginFailed, "{refused:?}");
    Ok(())
}

async fn an_account_comes_with_a_workspace_and_tokens(h: &Handles) -> anyhow::Result<()> {
    let Somebody { user, workspace, tokens, call, .. } = h.somebody().await?;
    ensure!(tokens.expires_in == 900, "{tokens:?}");
    let debug = format!("{tokens:?}");
    ensure!(!debug.contains(&tokens.access_token) && debug.contains("redacted"), "{debug}");
    let me = h.identity.get_me(&call, GetMeRequest {}).await?;
    ensure!(me.user.is_some_and(|u| u.id == user.to_string()), "another user");
    ensure!(me.workspaces.len() == 1 && me.workspaces[0].workspace_id == workspace.to_string(), "{:?}", me.workspaces);
    ensure!(me.workspaces[0].role == "owner", "{:?}", me.workspaces);
    Ok(())
}

async fn logging_in_needs_the_password(h: &Handles) -> anyhow::Result<()> {
    let somebody = h.somebody().await?;
    let login = |password: &str| LoginRequest {
        email: somebody.email.clone(),
        password: password.to_owned(),
        ..Default::default()
    };
    let answer = h.identity.login(&anonymous(), login(PASSWORD)).await?;
    ensure!(answer.workspace.is_some_and(|w| w.workspace_id == somebody.workspace.to_string()), "another workspace");
    let refused = reason(h.identity.login(&anonymous(), login("wrong-password-1")).await)?;
    ensure!(refused == Reason::LoginFailed, "{refused:?}");
    Ok(())
}

async fn a_refresh_gives_a_successor_once(h: &Handles) -> anyhow::Result<()> {
    let first = h.somebody().await?.tokens.refresh_token;
    let refresh =
        async |token: &str| h.identity.refresh(&anonymous(), RefreshRequest { refresh_token: token.to_owned() }).await;
    let second = refresh(&first).await?.tokens.unwrap_or_default().refresh_token;
    ensure!(refresh(&first).await?.tokens.unwrap_or_default().refresh_token == second, "another successor");
    refresh(&second).await?;
    let refused = reason(refresh(&first).await)?;
    ensure!(refused == Reason::RefreshReused, "{refused:?}");
    Ok(())
}

async fn logging_out_ends_the_session(h: &Handles) -> anyhow::Result<()> {
    let somebody = h.somebody().await?;
    h.identity.logout(&somebody.call, LogoutRequest { refresh_token: String::new(), all: false }).await?;
    let request = ResolveTokenRequest { access_token: somebody.tokens.access_token.clone(), ..Default::default() };
    let refused = reason(h.identity.resolve_token(&anonymous(), request).await)?;
    ensure!(refused == Reason::SessionEnded, "{refused:?}");
    let request = RefreshRequest { refresh_token: somebody.tokens.refresh_token };
    ensure!(h.identity.refresh(&anonymous(), request).await.is_err(), "the refresh token still works");
    Ok(())
}

async fn a_profile_changes(h: &Handles) -> anyhow::Result<()> {
    let call = h.somebody().await?.call;
    let request = UpdateMeRequest { name: Some("Ada King".to_owned()), locale: Some("pt-BR".to_owned()) };
    let user = h.identity.update_me(&call, request).await?.user.unwrap_or_default();
    ensure!(user.name == "Ada King" && user.locale == "pt-BR", "{user:?}");
    let refused =
        reason(h.identity.update_me(&call, UpdateMeRequest { name: None, locale: Some("xx".to_owned()) }).await)?;
    ensure!(refused == Reason::RefusedValue, "{refused:?}");
    Ok(())
}

async fn switching_needs_membership(h: &Handles) -> anyhow::Result<()> {
    let (ada, eve) = (h.somebody().await?, h.somebody().await?);
    let request = SwitchWorkspaceRequest { workspace_id: ada.workspace.to_string() };
    let refused = reason(h.identity.switch_workspace(&eve.call, request).await)?;
    ensure!(refused == Reason::NotFound, "{refused:?}");
    let request = CreateWorkspaceRequest { name: "Second".to_owned(), ..Default::default() };
    let second = h.workspaces.create_workspace(&eve.call, request).await?.workspace.unwrap_or_default();
    let request = SwitchWorkspaceRequest { workspace_id: second.id.clone() };
    let answer = h.identity.switch_workspace(&eve.call, request).await?;
    let token =
        ResolveTokenRequest { access_token: answer.tokens.unwrap_or_default().access_token, ..Default::default() };
    ensure!(h.identity.resolve_token(&anonymous(), token).await?.workspace_id == second.id, "another workspace");
    Ok(())
}

async fn the_signing_keys_are_published(h: &Handles) -> anyhow::Result<()> {
    let token = h.somebody().await?.tokens.access_token;
    let set: jsonwebtoken::jwk::JwkSet =
        serde_json::from_str(&h.identity.get_jwks(&anonymous(), GetJwksRequest {}).await?.jwks_json)?;
    let kid = jsonwebtoken::decode_header(&token)?.kid.unwrap_or_default();
    ensure!(set.find(&kid).is_some(), "{kid} is not published");
    Ok(())
}

async fn a_key_is_found_by_its_hash_until_revoked(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let made = h
        .identity
        .create_api_key(&ada.call, CreateApiKeyRequest { name: "k".to_owned(), ..Default::default() })
        .await?;
    let (key, id) = (made.key.clone(), made.api_key.clone().unwrap_or_default().id);
    ensure!(!format!("{made:?}").contains(&key), "the key can be printed");
    let resolve = async || {
        let request = ResolveKeyRequest { sha256: sha256(key.as_bytes()).into() };
        h.identity.resolve_key(&anonymous(), request).await
    };
    let found = resolve().await?;
    ensure!(found.key_id == id && found.workspace_id == ada.workspace.to_string(), "{found:?}");
    ensure!(found.scopes == ["inference"], "{found:?}");
    let at = Some(proto::time::to_proto(chrono::DateTime::from_timestamp(1_900_000_000, 0).unwrap_or_default()));
    let uses = vec![KeyUse { workspace_id: ada.workspace.to_string(), key_id: id.clone(), at }];
    h.identity.record_key_use(&anonymous(), RecordKeyUseRequest { uses }).await?;
    let listed = h.identity.list_api_keys(&ada.call, ListApiKeysRequest::default()).await?.api_keys;
    ensure!(listed.len() == 1 && listed[0].last_used_at.is_some(), "{listed:?}");
    let eve = h.somebody().await?;
    let refused = reason(h.identity.revoke_api_key(&eve.call, RevokeApiKeyRequest { key_id: id.clone() }).await)?;
    ensure!(refused == Reason::NotFound, "{refused:?}");
    h.identity.revoke_api_key(&ada.call, RevokeApiKeyRequest { key_id: id.clone() }).await?;
    ensure!(reason(resolve().await)? == Reason::KeyRevoked, "still works");
    h.identity.delete_api_key(&ada.call, DeleteApiKeyRequest { key_id: id }).await?;
    ensure!(
        h.identity.list_api_keys(&ada.call, ListApiKeysRequest::default()).await?.api_keys.is_empty(),
        "still listed"
    );
    Ok(())
}

fn sha256(bytes: &[u8]) -> Vec<u8> {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).to_vec()
}

async fn a_key_carries_its_limits(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let budget = Budget { amount_micros: 5_000_000, period: Period::Month.into(), soft: false };
    let limits = Limits { rpm: Some(60), concurrency: Some(2), budgets: vec![budget], ..Limits::default() };
    let request = CreateApiKeyRequest { name: "k".to_owned(), limits: Some(limits.clone()), ..Default::default() };
    let key = h.identity.create_api_key(&ada.call, request).await?.api_key.unwrap_or_default();
    let request = GetKeyPolicyRequest { workspace_id: ada.workspace.to_string(), key_id: key.id.clone() };
    let policy = async || h.called_by(Role::Gateway).identity.get_key_policy(&anonymous(), request.clone()).await;
    let first = policy().await?;
    ensure!(first.limits == Some(limits) && first.user_id == ada.user.to_string(), "{first:?}");
    let budgets = Some(Budgets { budgets: vec![] });
    let change = UpdateApiKeyRequest { key_id: key.id, budgets, ..Default::default() };
    h.identity.update_api_key(&ada.call, change).await?;
    let second = policy().await?.limits.unwrap_or_default();
    ensure!(second.rpm == Some(60) && second.budgets.is_empty(), "{second:?}");
    Ok(())
}

async fn a_key_changes_its_text_and_keeps_what_it_is_bound_to(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let request = CreateApiKeyRequest {
        name: "k".to_owned(),
        allowed_models: vec!["simulator/*".to_owned()],
        allowed_ips: vec!["10.0.0.0/8".to_owned()],
        service_account: true,
        ..Default::default()
    };
    let made = h.identity.create_api_key(&ada.call, request).await?;
    let key_id = made.api_key.unwrap_or_default().id;
    let request = RotateApiKeyRequest { key_id: key_id.clone(), grace_seconds: Some(60) };
    let rotated = h.identity.rotate_api_key(&ada.call, request).await?;
    ensure!(!format!("{rotated:?}").contains(&rotated.key), "the key can be printed");
    for key in [&made.key, &rotated.key] {
        let request = ResolveKeyRequest { sha256: sha256(key.as_bytes()).into() };
        let found = h.identity.resolve_key(&anonymous(), request).await?;
        ensure!(found.key_id == key_id && found.user_id.is_empty() && found.allowed_ips == ["10.0.0.0/8"], "{found:?}");
        ensure!(found.expires_at.is_some() == (*key == made.key), "{found:?}");
    }
    let request = GetKeyPolicyRequest { workspace_id: ada.workspace.to_string(), key_id };
    let policy = h.called_by(Role::Gateway).identity.get_key_policy(&anonymous(), request).await?;
    ensure!(policy.allowed_models == ["simulator/*"] && policy.user_id.is_empty(), "{policy:?}");
    Ok(())
}

async fn a_key_has_no_more_scopes_than_its_creator(h: &Handles) -> anyhow::Result<()> {
    let mut call = h.somebody().await?.call;
    call.scopes = Scopes::NONE.with(Permission::KeysWrite).with(Permission::Inference);
    let request = |scope: &str| CreateApiKeyRequest {
        name: "k".to_owned(),
        scopes: vec![scope.to_owned()],
        ..Default::default()
    };
    h.identity.create_api_key(&call, request("inference")).await?;
    let refused = reason(h.identity.create_api_key(&call, request("providers.write")).await)?;
    ensure!(refused == Reason::PermissionDenied, "{refused:?}");
    Ok(())
}

async fn accounts_are_for_operators_to_see(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let mut call = ada.call;
    let request = ListUsersRequest { email: ada.email.clone(), ..Default::default() };
    let refused = reason(h.identity.list_users(&call, request.clone()).await)?;
    ensure!(refused == Reason::PermissionDenied, "{refused:?}");
    call.scopes = call.scopes.with(Permission::PlatformRead);
    let found = h.identity.list_users(&call, request).await?.users;
    let user = found.first().and_then(|account| account.user.clone()).unwrap_or_default();
    ensure!(found.len() == 1 && user.email == ada.email && found[0].platform_role.is_empty(), "{found:?}");
    Ok(())
}

async fn operators_who_act_for_somebody_are_held_to_it(h: &Handles) -> anyhow::Result<()> {
    let (ada, bob) = (h.somebody().await?, h.somebody().await?);
    let start = StartImpersonationRequest {
        user_id: bob.user.to_string(),
        reason: "Ticket 4711: nothing is shown".to_owned(),
        ..Default::default()
    };
    let mut call = ada.call.clone();
    let refused = reason(h.identity.start_impersonation(&call, start.clone()).await)?;
    ensure!(refused == Reason::PermissionDenied, "{refused:?}");
    // Whatever a door says: the role is looked at.
    call.scopes = call.scopes.with(Permission::PlatformRead).with(Permission::PlatformWrite);
    let refused = reason(h.identity.start_impersonation(&call, start.clone()).await)?;
    ensure!(refused == Reason::PermissionDenied, "{refused:?}");
    let user_id = bob.user.to_string();
    let listed =
        h.identity.list_impersonations(&call, ListImpersonationsRequest { user_id, ..Default::default() }).await?;
    ensure!(listed.impersonations.is_empty(), "{listed:?}");
    let end = EndImpersonationRequest { id: "ses_01k9tq6j3se5mb1pt2xdv6q3kz".to_owned() };
    let refused = reason(h.identity.end_impersonation(&call, end).await)?;
    ensure!(refused == Reason::NotFound, "{refused:?}");

    for may_write in [false, true] {
        let acting = Impersonation { operator: ada.user, may_write };
        let call = Call { impersonation: Some(acting), ..bob.call.clone() };
        h.identity.get_me(&call, GetMeRequest {}).await?;
        let rename = UpdateWorkspaceRequest { name: Some("Repaired".to_owned()), ..Default::default() };
        let renamed = h.workspaces.update_workspace(&call, rename).await;
        ensure!(renamed.is_ok() == may_write, "{renamed:?}");
        if let Err(status) = renamed {
            ensure!(Reason::of(&status) == Reason::ImpersonationReadOnly, "{status:?}");
        }
        let listed = h.workspaces.list_workspaces(&call, ListWorkspacesRequest::default()).await?.workspaces;
        let ids: Vec<_> = listed.iter().map(|workspace| workspace.id.as_str()).collect();
        ensure!(ids == [bob.workspace.to_string()], "{ids:?}");
        let never = [
            reason(h.identity.create_api_key(&call, CreateApiKeyRequest::default()).await)?,
            reason(h.identity.update_me(&call, UpdateMeRequest::default()).await)?,
            reason(h.identity.export_me(&call, ExportMeRequest {}).await)?,
            reason(h.workspaces.list_acts(&call, ListActsRequest::default()).await)?,
            reason(h.workspaces.create_workspace(&call, CreateWorkspaceRequest::default()).await)?,
            reason(h.identity.start_impersonation(&call, start.clone()).await)?,
        ];
        ensure!(never.iter().all(|reason| *reason == Reason::ImpersonationForbidden), "{never:?}");
    }
    Ok(())
}

async fn a_person_is_found_for_a_letter_by_usage_metering_alone(h: &Handles) -> anyhow::Result<()> {
    let (ada, own) = (h.somebody().await?, h.called_by(Role::UsageMetering));
    let call = Call::service(Role::UsageMetering, ada.call.request_id);
    let find = async |by: By| own.identity.find_person(&call, FindPersonRequest { by: Some(by) }).await;
    for by in [By::Email(ada.email.to_uppercase()), By::UserId(ada.user.to_string())] {
        let user = find(by).await?.user.unwrap_or_default();
        ensure!(user.email == ada.email && !user.locale.is_empty() && !user.email_verified, "{user:?}");
    }
    for by in [By::Email("nobody@example.com".to_owned()), By::UserId("nonsense".to_owned())] {
        ensure!(reason(find(by).await)? == Reason::NotFound, "somebody was found");
    }
    let request = FindPersonRequest { by: Some(By::Email(ada.email)) };
    let refused = reason(h.identity.find_person(&ada.call, request).await)?;
    ensure!(refused == Reason::PermissionDenied, "{refused:?}");
    Ok(())
}

async fn links_that_nobody_sent_open_nothing(h: &Handles) -> anyhow::Result<()> {
    let (call, token) = (anonymous(), "ot_of-nobody".to_owned());
    let magic = LoginWithMagicLinkRequest { token: token.clone(), ..Default::default() };
    let refused = [
        reason(
            h.identity.verify_email(&call, VerifyEmailRequest { token: token.clone(), ..Default::default() }).await,
        )?,
        reason(h.identity.login_with_magic_link(&call, magic).await)?,
        reason(h.identity.reset_password(&call, ResetPasswordRequest { token, password: PASSWORD.to_owned() }).await)?,
    ];
    ensure!(refused.iter().all(|r| *r == Reason::TokenInvalid), "{refused:?}");
    Ok(())
}

async fn without_mail_nothing_that_needs_a_letter_is_promised(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let email = ada.email.clone();
    let magic = SendMagicLinkRequest { email: email.clone() };
    let change = ChangeEmailRequest { email: format!("x{email}"), password: PASSWORD.to_owned() };
    let refused = [
        reason(h.identity.send_magic_link(&anonymous(), magic).await)?,
        reason(h.identity.forgot_password(&anonymous(), ForgotPasswordRequest { email }).await)?,
        reason(h.identity.change_email(&ada.call, change.clone()).await)?,
    ];
    ensure!(refused.iter().all(|r| *r == Reason::MailNotConfigured), "{refused:?}");
    let stranger = ChangeEmailRequest { password: "not it at all".to_owned(), ..change };
    let refused = reason(h.identity.change_email(&ada.call, stranger).await)?;
    ensure!(refused == Reason::LoginFailed, "{refused:?}");
    Ok(())
}

async fn devices_are_seen_and_logged_out_by_their_owner(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let mut call = anonymous();
    (call.user_agent, call.client) = (Some("Phone/1".into()), Some([203, 0, 113, 7].into()));
    let login = LoginRequest { email: ada.email.clone(), password: PASSWORD.to_owned(), ..Default::default() };
    h.identity.login(&call, login).await?;
    let list = async || h.identity.list_sessions(&ada.call, ListSessionsRequest {}).await.map(|l| l.sessions);
    let devices = list().await?;
    let phone = devices.iter().find(|d| d.user_agent == "Phone/1").cloned().unwrap_or_default();
    ensure!(devices.len() == 2 && phone.address == "203.0.113.7" && !phone.current, "{devices:?}");
    let end = EndSessionRequest { session_id: phone.session_id };
    let refused = reason(h.identity.end_session(&h.somebody().await?.call, end.clone()).await)?;
    ensure!(refused == Reason::NotFound, "{refused:?}");
    h.identity.end_session(&ada.call, end).await?;
    ensure!(list().await?.len() == 1, "the phone is still logged in");
    let request =
        ChangePasswordRequest { current_password: PASSWORD.to_owned(), password: "a horse of iron".to_owned() };
    h.identity.change_password(&ada.call, request).await?;
    let old = LoginRequest { email: ada.email, password: PASSWORD.to_owned(), ..Default::default() };
    let refused = reason(h.identity.login(&anonymous(), old).await)?;
    ensure!(refused == Reason::LoginFailed, "{refused:?}");
    Ok(())
}

async fn a_second_factor_is_asked_for_until_its_owner_removes_it(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let (identity, call) = (&h.identity, &ada.call);
    let enabled = async || anyhow::Ok(identity.get_mfa(call, GetMfaRequest {}).await?.enabled_at.is_some());
    ensure!(!enabled().await?, "nothing was set up");
    let refused = [
        reason(identity.remove_totp(call, RemoveTotpRequest {}).await)?,
        reason(identity.renew_recovery_codes(call, RenewRecoveryCodesRequest {}).await)?,
        reason(identity.step_up(call, StepUpRequest { code: "000000".to_owned(), ..Default::default() }).await)?,
    ];
    ensure!(refused.iter().all(|r| *r == Reason::NotFound), "{refused:?}");
    let made = identity.set_up_totp(call, SetUpTotpRequest { password: PASSWORD.to_owned() }).await?;
    ensure!(!format!("{made:?}").contains(&made.secret), "the secret can be printed");
    let code = authenticator::code(&made.secret, 0)?;
    let codes = identity.confirm_totp(call, ConfirmTotpRequest { code }).await?.recovery_codes;
    ensure!(enabled().await? && codes.len() == 10, "{} codes", codes.len());
    let login = |totp: &str| LoginRequest {
        email: ada.email.clone(),
        password: PASSWORD.to_owned(),
        totp: totp.to_owned(),
        ..Default::default()
    };
    ensure!(reason(identity.login(&anonymous(), login("")).await)? == Reason::MfaRequired, "no code was asked for");
    ensure!(reason(identity.login(&anonymous(), login("000000")).await)? == Reason::MfaCodeInvalid, "a wrong code");
    identity.login(&anonymous(), login(&authenticator::code(&made.secret, 1)?)).await?;
    identity.step_up(call, StepUpRequest { code: codes[0].clone(), ..Default::default() }).await?;
    identity.renew_recovery_codes(call, RenewRecoveryCodesRequest {}).await?;
    identity.remove_totp(call, RemoveTotpRequest {}).await?;
    ensure!(!enabled().await?, "it is asked for still");
    identity.login(&anonymous(), login("")).await?;
    Ok(())
}

async fn passkeys_are_asked_for_and_what_was_not_asked_for_is_refused(h: &Handles) -> anyhow::Result<()> {
    let (identity, ada) = (&h.identity, h.somebody().await?);
    let call = &ada.call;
    ensure!(identity.list_passkeys(call, ListPasskeysRequest {}).await?.passkeys.is_empty(), "nobody made one");
    let begin = |password: &str| BeginPasskeyRequest { password: password.to_owned() };
    let options: serde_json::Value =
        serde_json::from_str(&identity.begin_passkey(call, begin(PASSWORD)).await?.options)?;
    ensure!(options["user"]["name"] == ada.email.as_str() && options["challenge"].is_string(), "{options}");
    let asked = identity.begin_passkey_sign_in(&anonymous(), BeginPasskeySignInRequest {}).await?;
    ensure!(asked.options.contains("\"allowCredentials\":[]"), "{}", asked.options);
    let made = AddPasskeyRequest { name: "Phone".to_owned(), credential: "{}".to_owned() };
    let shown = SignInWithPasskeyRequest { credential: "{}".to_owned() };
    let name = RenamePasskeyRequest { id: "nonsense".to_owned(), name: "Phone".to_owned() };
    let refused = [
        reason(identity.begin_passkey(call, begin("not it at all")).await)?,
        reason(identity.add_passkey(call, made).await)?,
        reason(identity.rename_passkey(call, name).await)?,
        reason(identity.remove_passkey(call, RemovePasskeyRequest { id: "nonsense".to_owned() }).await)?,
        reason(identity.sign_in_with_passkey(&anonymous(), shown).await)?,
        reason(identity.begin_passkey_step_up(call, BeginPasskeyStepUpRequest {}).await)?,
    ];
    let expected = [
        Reason::LoginFailed,
        Reason::InvalidArgument,
        Reason::NotFound,
        Reason::NotFound,
        Reason::LoginFailed,
        Reason::NotFound,
    ];
    ensure!(refused == expected, "{refused:?}");
    Ok(())
}

async fn where_no_provider_is_configured_nobody_comes_in_by_one(h: &Handles) -> anyhow::Result<()> {
    let (identity, ada) = (&h.identity, h.somebody().await?);
    let listed = identity.list_sign_in_providers(&anonymous(), ListSignInProvidersRequest {}).await?;
    ensure!(listed.providers.is_empty(), "{listed:?}");
    let provider = || "google".to_owned();
    let start = StartSignInRequest { provider: provider(), ..Default::default() };
    let finish = FinishSignInRequest { provider: provider(), state: "invented".to_owned(), ..Default::default() };
    let exchange = ExchangeSignInRequest { code: "si_invented".to_owned(), ..Default::default() };
    let link = |password: &str| LinkIdentityRequest {
        code: "si_invented".to_owned(),
        password: password.to_owned(),
        ..Default::default()
    };
    let refused = [
        reason(identity.start_sign_in(&anonymous(), start).await)?,
        reason(identity.finish_sign_in(&anonymous(), finish).await)?,
        reason(identity.exchange_sign_in(&anonymous(), exchange).await)?,
        reason(identity.link_identity(&ada.call, link("not it at all")).await)?,
        reason(identity.link_identity(&ada.call, link(PASSWORD)).await)?,
        reason(identity.unlink_identity(&ada.call, UnlinkIdentityRequest { id: "nonsense".to_owned() }).await)?,
    ];
    let expected = [
        Reason::NotFound,
        Reason::NotFound,
        Reason::TokenInvalid,
        Reason::LoginFailed,
        Reason::TokenInvalid,
        Reason::NotFound,
    ];
    ensure!(refused == expected, "{refused:?}");
    let listed = identity.list_identities(&ada.call, ListIdentitiesRequest {}).await?;
    ensure!(listed.identities.is_empty() && listed.has_password, "{listed:?}");
    Ok(())
}

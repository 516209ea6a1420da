//! What identity and the workspace service promise to directories.

use crate::{Handles, anonymous, checks, reason};
use anyhow::{Context as _, ensure};
use proto::{
    Call, Principal, Reason, Role, Scopes,
    id::KeyId,
    identity::{
        CreateApiKeyRequest, CreateDirectoryUserRequest, DeleteDirectoryUserRequest, DirectoryProfile,
        GetDirectoryUserRequest, ListDirectoryUsersRequest, ReplaceDirectoryUserRequest,
    },
    workspace::{BringMemberRequest, RetireMemberRequest},
};

checks!(
    a_directory_is_a_service_account_and_takes_addresses_of_its_workspace_only,
    members_come_and_go_by_a_directory_and_only_identity_says_so,
);

async fn a_directory_is_a_service_account_and_takes_addresses_of_its_workspace_only(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let scopes = vec!["members.read".to_owned(), "members.write".to_owned()];
    let request = CreateApiKeyRequest { name: "SCIM".to_owned(), scopes, service_account: true, ..Default::default() };
    let key = h.identity.create_api_key(&ada.call, request).await?.api_key.context("no key")?;
    let id: KeyId = key.id.parse()?;
    let scopes = Scopes::parse(key.scopes.iter().map(String::as_str));
    let directory = Call { principal: Principal::Key { id }, scopes, workspace: ada.call.workspace, ..anonymous() };
    let profile = DirectoryProfile { user_name: ada.email.clone(), active: true, ..Default::default() };
    let bring = CreateDirectoryUserRequest { profile: Some(profile.clone()) };
    let refused = reason(h.identity.create_directory_user(&ada.call, bring.clone()).await)?;
    ensure!(refused == Reason::PermissionDenied, "she is no service account: {refused:?}");
    let refused = reason(h.identity.create_directory_user(&directory, bring).await)?;
    ensure!(refused == Reason::RefusedValue, "the domain is nobody's: {refused:?}");
    let user_id = ada.user.to_string();
    let get = GetDirectoryUserRequest { user_id: user_id.clone() };
    let replace = ReplaceDirectoryUserRequest { user_id: user_id.clone(), profile: Some(profile), version: 1 };
    let delete = DeleteDirectoryUserRequest { user_id, version: 0 };
    for refused in [
        reason(h.identity.get_directory_user(&directory, get).await)?,
        reason(h.identity.replace_directory_user(&directory, replace).await)?,
        reason(h.identity.delete_directory_user(&directory, delete).await)?,
    ] {
        ensure!(refused == Reason::NotFound, "the directory does not have her: {refused:?}");
    }
    let all = ListDirectoryUsersRequest { limit: 10, ..Default::default() };
    let found = h.identity.list_directory_users(&directory, all).await?;
    ensure!(found.users.is_empty() && found.total == 0, "{found:?}");
    Ok(())
}

async fn members_come_and_go_by_a_directory_and_only_identity_says_so(h: &Handles) -> anyhow::Result<()> {
    let (ada, bob) = (h.somebody().await?, h.somebody().await?);
    let bring = BringMemberRequest {
        workspace_id: ada.workspace.to_string(),
        user_id: bob.user.to_string(),
        version: 1,
        email: bob.email.clone(),
        name: "Bob".to_owned(),
        ..Default::default()
    };
    let retire = RetireMemberRequest {
        workspace_id: ada.workspace.to_string(),
        user_id: ada.user.to_string(),
        version: 1,
        ends_owners: true,
        scopes: vec![],
    };
    let refused = reason(h.workspaces.bring_member(&ada.call, bring.clone()).await)?;
    ensure!(refused == Reason::PermissionDenied, "that is for identity: {refused:?}");
    let refused = reason(h.workspaces.retire_member(&ada.call, retire.clone()).await)?;
    ensure!(refused == Reason::PermissionDenied, "that is for identity: {refused:?}");
    let identity = h.called_by(Role::Identity).workspaces;
    let refused = reason(identity.retire_member(&anonymous(), retire.clone()).await)?;
    ensure!(refused == Reason::LastOwner, "{refused:?}");
    let nobody = RetireMemberRequest { user_id: bob.user.to_string(), ..retire };
    for _ in 0..2 {
        let was = identity.retire_member(&anonymous(), nobody.clone()).await?.role;
        ensure!(was.is_empty(), "who is no member was nothing: {was}");
    }
    let king = BringMemberRequest { role: "king".to_owned(), version: 2, ..bring.clone() };
    let refused = reason(identity.bring_member(&anonymous(), king).await)?;
    ensure!(refused == Reason::RefusedValue, "{refused:?}");
    // It comes after what was done: nothing follows from it.
    let late = identity.bring_member(&anonymous(), bring).await?.role;
    ensure!(late.is_empty(), "{late}");
    Ok(())
}

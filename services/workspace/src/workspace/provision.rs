//! Creates the workspace of a sign-up under the id that identity chose, as often as identity asks.

use super::{
    found::{self, Charter},
    validate,
};
use crate::{Workspace, error::Error, people, problems::Problems};
use proto::{
    Call,
    id::{UserId, WorkspaceId},
    workspace::{ProvisionWorkspaceRequest, ProvisionWorkspaceResponse},
};
use store::{WorkspaceTx, sql};
use uuid::Uuid;

store::row! {
    struct CreatorRow {
        created_by: Uuid,
    }
}

/// Creates it, or finds that it is there. Errors: `CONFLICT` if the id was provisioned for somebody else.
pub(crate) async fn provision(
    service: &Workspace,
    call: &Call,
    request: ProvisionWorkspaceRequest,
) -> Result<ProvisionWorkspaceResponse, Error> {
    let charter = charter(&request)?;
    let (id, owner) = (charter.id, charter.owner);
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    people::meet(&mut tx, owner, &request.owner_email, &request.owner_name).await?;
    if !found::found(service, &mut tx, call, charter).await? {
        let row: CreatorRow = tx.fetch_one(sql!("workspace/creator"), &[id.into()]).await?;
        if row.created_by != owner.uuid() {
            return Err(Error::OtherOwner);
        }
    }
    tx.commit().await?;
    Ok(ProvisionWorkspaceResponse {})
}

fn charter(request: &ProvisionWorkspaceRequest) -> Result<Charter, Error> {
    let mut problems = Problems::default();
    let id = request.workspace_id.parse::<WorkspaceId>();
    let owner = request.owner_user_id.parse::<UserId>();
    if id.is_err() {
        problems.malformed("workspace_id", "must be a workspace id");
    }
    if owner.is_err() {
        problems.malformed("owner_user_id", "must be a user id");
    }
    let (Ok(id), Ok(owner)) = (id, owner) else {
        return Err(Error::Refused(problems.into()));
    };
    // The person exists by now, and a refusal here would leave them without a workspace for ever: what does not fit is
    // made to fit. Identity has refused unfit names before it created anybody.
    let locale = validate::locale(&request.locale).unwrap_or_else(|_| "en".to_owned());
    let (currency, time_zone) = validate::defaults(&locale);
    let (currency, time_zone) = (currency.to_owned(), time_zone.to_owned());
    Ok(Charter { id, owner, name: name(request), currency, time_zone, locale })
}

fn name(request: &ProvisionWorkspaceRequest) -> String {
    let given = fit(&request.name, validate::MAX_NAME);
    if !given.is_empty() {
        return given;
    }
    const SUFFIX: &str = "'s workspace";
    match fit(&request.owner_name, validate::MAX_NAME - SUFFIX.len()) {
        owner if owner.is_empty() => "My workspace".to_owned(),
        owner => owner + SUFFIX,
    }
}

fn fit(text: &str, characters: usize) -> String {
    let plain: String = text.chars().filter(|c| !c.is_control()).collect();
    plain.trim().chars().take(characters).collect::<String>().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str, owner_name: &str) -> String {
        let request = ProvisionWorkspaceRequest {
            name: name.into(),
            owner_name: owner_name.into(),
            ..ProvisionWorkspaceRequest::default()
        };
        super::name(&request)
    }

    #[test]
    fn a_first_workspace_is_called_after_its_owner() {
        assert_eq!(named("", "Ana"), "Ana's workspace");
        assert_eq!(named("Acme", "Ana"), "Acme");
        assert_eq!(named(" \n", "  "), "My workspace");
    }

    #[test]
    fn whatever_the_owner_is_called_the_name_is_one_that_could_be_chosen() {
        for owner in ["Ana".repeat(100), "ação\u{0}".repeat(30), " a ".repeat(80)] {
            let made = named("", &owner);
            assert_eq!(validate::name(&made), Ok(made.clone()));
        }
    }
}

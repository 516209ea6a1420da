//! Sends a browser to the provider of a workspace. Answers `StartSso`.

use super::{Connection, of_workspace, provider};
use crate::{
    Error, Parts, domain,
    input::Problems,
    sign_in::start::{self, Wanted},
    user::email,
};
use proto::{Call, id::WorkspaceId, identity as pb};
use store::SystemTx;

/// Whether an address has an account makes no difference: what counts is its domain. Errors: [`Error::NotFound`], and those of
/// a sign-in by any provider.
pub(crate) async fn start(
    parts: &Parts,
    call: &Call,
    request: pb::StartSsoRequest,
) -> Result<pb::StartSsoResponse, Error> {
    let asked = Asked::read(&request)?;
    let wanted = Wanted {
        redirect_to: &request.redirect_to,
        code_challenge: &request.code_challenge,
        browser: &request.browser,
    };
    wanted.check(parts)?;
    // Each leaves a row for ten minutes, and asks a database whose a domain is.
    parts.throttle.admit_sign_in(call.client).await?;
    let connection = find(parts, &asked).await?.ok_or(Error::NotFound(match asked {
        Asked::Address(_) => "single sign-on for the domain of this address: log in another way",
        Asked::Workspace(_) => "single sign-on for this workspace: log in another way",
    }))?;
    let provider = provider::of(parts, &connection)?;
    let (authorization_url, browser) = start::send(parts, &provider, wanted).await?;
    Ok(pb::StartSsoResponse { authorization_url, browser })
}

enum Asked {
    Address(String),
    Workspace(WorkspaceId),
}

impl Asked {
    fn read(request: &pb::StartSsoRequest) -> Result<Self, Error> {
        let mut problems = Problems::default();
        match (request.email.is_empty(), request.workspace_id.is_empty()) {
            (false, true) => return email::read(&request.email).map(Self::Address),
            (true, false) => match request.workspace_id.parse() {
                Ok(workspace) => return Ok(Self::Workspace(workspace)),
                Err(_) => problems.refused("workspace_id", "must be the id of a workspace, ws_…"),
            },
            (true, true) => problems.missing("email", "is required, or workspace_id"),
            (false, false) => problems.missing("workspace_id", "goes without email: send one of them"),
        }
        problems.none()?;
        Err(Error::Internal("a sign-in for nobody".to_owned()))
    }
}

/// One that lets people in: of a workspace that has proved a domain.
async fn find(parts: &Parts, asked: &Asked) -> Result<Option<Connection>, Error> {
    let mut tx = SystemTx::read(&parts.db, "find whose single sign-on somebody means").await?;
    let workspace = match asked {
        Asked::Workspace(workspace) => Some(*workspace),
        Asked::Address(address) => domain::owner(&mut tx, address).await?,
    };
    let Some(workspace) = workspace else { return Ok(None) };
    let domains: Vec<(String,)> = tx.fetch_all(store::sql!("sso/verified_domains"), &[workspace.into()]).await?;
    let connection = of_workspace(&mut tx, workspace).await?;
    tx.commit().await?;
    Ok(connection.filter(|_| !domains.is_empty()))
}

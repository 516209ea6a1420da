//! Whom does this service ask? In the background, and when somebody names people to write to: never to admit or to settle.

use crate::Error;
use crate::read::Period;
use host::Ids;
use proto::{
    Call, Permission, Reason, Role, Scopes,
    billing::{Billing, ListInvoicesRequest, ListInvoicesResponse},
    id::{RequestId, UserId, WorkspaceId},
    identity::{FindPersonRequest, Identity, User, find_person_request::By},
    time::to_proto,
    workspace::{
        AuditFilter, ExportAuditEventsRequest, ExportAuditEventsResponse, GetWorkspaceRequest, ResolveMemberRequest,
        Workspaces,
    },
};
use tonic::{Status, codegen::BoxStream};

/// Invoices of a page.
const INVOICES: i32 = 200;

/// The services beside this one that exports need.
#[derive(Clone)]
pub struct Peers {
    /// Who people are, and where letters reach them.
    pub identity: Identity,
    /// Who belongs to a workspace, and what happened in it.
    pub workspaces: Workspaces,
}

/// Somebody to write to.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub user: UserId,
    pub address: String,
    pub name: String,
    pub locale: String,
}

/// Which member.
pub(crate) struct Sought {
    pub by: By,
    pub workspace: WorkspaceId,
    /// What they must be allowed to read.
    pub may: Permission,
    /// Whether their address must be confirmed.
    pub confirmed: bool,
}

impl Peers {
    /// Whoever is sought, if all of it holds: one answer for everybody else, who may be nobody. Errors: a service is away.
    pub(crate) async fn member(&self, ids: &Ids, sought: Sought) -> Result<Option<Member>, Error> {
        let call = call(ids, sought.workspace, Scopes::NONE);
        let found = self.identity.find_person(&call, FindPersonRequest { by: Some(sought.by) }).await;
        let Some(user) = known(found)?.and_then(|found| found.user) else { return Ok(None) };
        let request = ResolveMemberRequest { workspace_id: sought.workspace.to_string(), user_id: user.id.clone() };
        let Some(member) = known(self.workspaces.resolve_member(&call, request).await)? else { return Ok(None) };
        let may = Scopes::parse(member.permissions.iter().map(String::as_str)).contains(sought.may);
        if !may || (sought.confirmed && !user.email_verified) {
            return Ok(None);
        }
        let User { id, email, name, locale, .. } = user;
        Ok(id.parse().ok().map(|user| Member { user, address: email, name, locale }))
    }

    /// What a workspace is called. Errors: workspace is away, or knows it no more.
    pub(crate) async fn workspace_name(&self, ids: &Ids, workspace: WorkspaceId) -> Result<String, Error> {
        let call = call(ids, workspace, Scopes::NONE.with(Permission::WorkspaceRead));
        let found = self.workspaces.get_workspace(&call, GetWorkspaceRequest {}).await.map_err(failed)?;
        Ok(found.workspace.map(|workspace| workspace.name).unwrap_or_default())
    }

    /// What happened in a workspace, oldest first, in pieces. Errors: workspace is away.
    pub(crate) async fn audit_trail(
        &self,
        ids: &Ids,
        workspace: WorkspaceId,
        period: Period,
    ) -> Result<BoxStream<ExportAuditEventsResponse>, Error> {
        let call = call(ids, workspace, Scopes::NONE.with(Permission::AuditRead));
        let (from, to) = (Some(to_proto(period.from)), Some(to_proto(period.to)));
        let filter = Some(AuditFilter { from, to, ..AuditFilter::default() });
        self.workspaces.export_audit_events(&call, ExportAuditEventsRequest { filter }).await.map_err(failed)
    }
}

/// The invoices of a workspace that were closed in a period, page by page. Errors: billing is away.
pub(crate) async fn invoices(
    billing: &Billing,
    ids: &Ids,
    workspace: WorkspaceId,
    period: Period,
    page_token: String,
) -> Result<ListInvoicesResponse, Error> {
    let call = call(ids, workspace, Scopes::NONE.with(Permission::BillingRead));
    let (finalized_from, finalized_to) = (Some(to_proto(period.from)), Some(to_proto(period.to)));
    let request = ListInvoicesRequest { page_size: INVOICES, page_token, finalized_from, finalized_to };
    billing.list_invoices(&call, request).await.map_err(failed)
}

/// A call of this service for itself, which may do in the workspace what it has to.
fn call(ids: &Ids, workspace: WorkspaceId, scopes: Scopes) -> Call {
    let call = Call::service(Role::UsageMetering, RequestId::from_uuid(ids.uuid()));
    Call { workspace: Some(workspace), scopes, ..call }
}

fn known<T>(answer: Result<T, Status>) -> Result<Option<T>, Error> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(status) if Reason::of(&status) == Reason::NotFound => Ok(None),
        Err(status) => Err(failed(status)),
    }
}

pub(crate) fn failed(status: Status) -> Error {
    Error::Peer(Box::new(status))
}

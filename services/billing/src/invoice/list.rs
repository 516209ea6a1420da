//! Invoices, newest first.

use super::{row::Row, show, state::Status};
use crate::{Billing, Error, error::refused, peers};
use proto::{
    Page,
    billing::{Invoice, ListAllInvoicesRequest, ListAllInvoicesResponse, ListInvoicesRequest, ListInvoicesResponse},
    id::WorkspaceId,
    time::from_proto,
};
use store::{SystemTx, WorkspaceTx, sql};

/// Of one workspace, as its people see them: without drafts.
pub(crate) async fn list(
    service: &Billing,
    workspace: WorkspaceId,
    request: ListInvoicesRequest,
) -> Result<ListInvoicesResponse, Error> {
    let page = Page::parse(request.page_size, &request.page_token).map_err(Error::Refused)?;
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    let [from, to] = [request.finalized_from, request.finalized_to].map(|at| at.and_then(from_proto));
    let values = [workspace.into(), page.after.into(), page.fetch().into(), from.into(), to.into()];
    let mut rows: Vec<Row> = tx.fetch_all(sql!("invoice/list"), &values).await?;
    let next_page_token = page.cut(&mut rows, Row::id);
    let mut invoices: Vec<Invoice> = vec![];
    for row in rows {
        invoices.push(show::of(service, &mut tx, workspace, &row.read()?).await?);
    }
    Ok(ListInvoicesResponse { invoices, next_page_token })
}

/// Of all workspaces, as operators see them. Errors: [`Error::NoWorkspace`], [`Error::Refused`].
pub(crate) async fn all(service: &Billing, request: ListAllInvoicesRequest) -> Result<ListAllInvoicesResponse, Error> {
    let page = Page::parse(request.page_size, &request.page_token).map_err(Error::Refused)?;
    let status = Some(request.status.as_str()).filter(|status| !status.is_empty());
    if status.is_some_and(|status| Status::parse(status).is_none()) {
        return Err(refused("status", "must be draft, open, paid or void"));
    }
    let workspace = match request.workspace_id.as_str() {
        "" => None,
        id => Some(id.parse::<WorkspaceId>().map_err(|_| Error::NoWorkspace)?),
    };
    if let Some(workspace) = workspace {
        peers::workspace(service, workspace).await?;
    }
    let mut tx = SystemTx::read(&service.db, "list invoices for operators").await?;
    let values = [workspace.into(), page.after.into(), status.into(), page.fetch().into()];
    let mut rows: Vec<Row> = tx.fetch_all(sql!("invoice/list_all"), &values).await?;
    let next_page_token = page.cut(&mut rows, Row::id);
    let mut invoices: Vec<Invoice> = vec![];
    for row in rows {
        let workspace = row.workspace_id;
        invoices.push(show::of(service, &mut tx, workspace, &row.read()?).await?);
    }
    Ok(ListAllInvoicesResponse { invoices, next_page_token })
}

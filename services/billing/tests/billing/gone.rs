//! Who deletes a workspace pays for nothing more, and what it has used is forgotten; the books are not.

use crate::house::{House, on_both_databases};
use chrono::TimeDelta;
use proto::{
    Call, Reason, Role,
    usage::{CreateExportScheduleRequest, CredentialOwner::Platform, ListExportSchedulesRequest},
    workspace::{DeleteWorkspaceRequest, RestoreWorkspaceRequest},
};

on_both_databases!(
    a_subscription_ends_with_its_workspace_and_not_again_when_it_is_restored,
    what_a_workspace_has_used_goes_with_it_and_its_invoices_stay,
);

async fn delete(h: &House, call: &Call) {
    let edge = h.workspaces.called_by(Role::Edge);
    edge.delete_workspace(call, DeleteWorkspaceRequest {}).await.expect("it is deleted");
}

async fn a_subscription_ends_with_its_workspace_and_not_again_when_it_is_restored(h: &House) {
    let (call, other) = (h.workspace().await, h.workspace().await);
    for call in [&call, &other] {
        h.set(call, "pro", None).await;
    }
    delete(h, &call).await;
    h.until(async || h.get(&call).await.status == "cancelled").await;
    assert_eq!(h.get(&other).await.status, "active");
    assert_eq!(h.change(&call, "basic").await.expect_err("it is closed").reason, Reason::NotFound);
    let edge = h.workspaces.called_by(Role::Edge);
    edge.restore_workspace(&call, RestoreWorkspaceRequest {}).await.expect("it is restored");
    h.set(&call, "basic", None).await;
    // One without a subscription has none to end.
    let free = h.workspace().await;
    delete(h, &free).await;
    delete(h, &other).await;
    h.until(async || h.get(&other).await.status == "cancelled").await;
    assert_eq!(h.get(&call).await.status, "active", "what was agreed on since goes on");
}

async fn what_a_workspace_has_used_goes_with_it_and_its_invoices_stay(h: &House) {
    let (call, other) = (h.workspace().await, h.workspace().await);
    for call in [&call, &other] {
        h.invoiced(call, "pro").await;
        let invoice = h.invoices(call).await.remove(0);
        h.pay(call, &invoice.id, 0, &invoice.id).await.expect("it is paid");
        h.used_on(call, "pro", Platform, 1_000_000).await.expect("it is let in");
    }
    let until = h.now() + TimeDelta::days(1);
    h.until(async || h.charged(&call, until).await.len() + h.charged(&other, until).await.len() == 2).await;
    for call in [&call, &other] {
        let daily = CreateExportScheduleRequest {
            kind: "usage".to_owned(),
            format: "csv".to_owned(),
            cron: "0 6 * * *".to_owned(),
            ..CreateExportScheduleRequest::default()
        };
        h.metering().create_export_schedule(call, daily).await.expect("it is made");
    }
    let rests = async |call: &Call| {
        let listed = h.metering().list_export_schedules(call, ListExportSchedulesRequest::default()).await;
        listed.expect("a list").schedules.iter().all(|schedule| schedule.paused)
    };
    delete(h, &call).await;
    h.until(async || rests(&call).await).await;
    assert!(!rests(&other).await, "others keep theirs");
    h.until(async || h.get(&call).await.status == "cancelled").await;
    let invoices = h.invoices(&call).await;
    assert_eq!(invoices[0].status, "paid");
    h.hand.advance(TimeDelta::days(30) + TimeDelta::minutes(1));
    h.until(async || h.beside.purge().await.expect("a round") == 1 || h.charged(&call, until).await.is_empty()).await;
    h.until(async || h.charged(&call, until).await.is_empty()).await;
    assert_eq!(h.charged(&other, until).await.len(), 1, "others keep theirs");
    assert_eq!(h.invoices(&call).await.len(), invoices.len());
}

//! What workspace promises of webhooks, and of the workspaces of everybody.

use crate::{Handles, checks, reason};
use anyhow::ensure;
use proto::{Call, Permission, Reason, workspace::*};
use tests::{Upstream, eventually};

checks!(
    a_webhook_is_added_sent_to_changed_and_removed,
    a_webhook_of_another_workspace_does_not_exist,
    workspaces_of_everybody_are_for_operators,
);

fn to(url: &str) -> CreateWebhookRequest {
    CreateWebhookRequest { url: url.to_owned(), ..CreateWebhookRequest::default() }
}

async fn a_webhook_is_added_sent_to_changed_and_removed(h: &Handles) -> anyhow::Result<()> {
    let (ada, receiver) = (h.somebody().await?, Upstream::start().await?);
    let made = h.workspaces.create_webhook(&ada.call, to(&receiver.url)).await?;
    ensure!(made.secret.starts_with("whsec_") && !format!("{made:?}").contains(&made.secret), "the answer prints it");
    let id = made.webhook.clone().unwrap_or_default().id;
    let get = || GetWebhookRequest { webhook_id: id.clone() };
    ensure!(h.workspaces.get_webhook(&ada.call, get()).await?.webhook == made.webhook, "reads differ");
    let listed = h.workspaces.list_webhooks(&ada.call, ListWebhooksRequest::default()).await?.webhooks;
    ensure!(listed.len() == 1, "{listed:?}");
    let rotate = RotateWebhookSecretRequest { webhook_id: id.clone(), grace_seconds: Some(60) };
    let rotated = h.workspaces.rotate_webhook_secret(&ada.call, rotate).await?;
    ensure!(rotated.secret != made.secret, "the same secret");
    let test = TestWebhookRequest { webhook_id: id.clone() };
    let delivery = h.workspaces.test_webhook(&ada.call, test).await?.delivery.unwrap_or_default();
    ensure!(delivery.event_type == "webhook.test" && delivery.status == "pending", "{delivery:?}");
    let list = || ListWebhookDeliveriesRequest { webhook_id: id.clone(), ..Default::default() };
    eventually(async || {
        let listed = h.workspaces.list_webhook_deliveries(&ada.call, list()).await?.deliveries;
        ensure!(listed.len() == 1 && listed[0].status == "delivered" && listed[0].attempts.len() == 1, "{listed:?}");
        Ok(())
    })
    .await?;
    let retry = RetryWebhookDeliveryRequest { webhook_id: id.clone(), delivery_id: delivery.id };
    h.workspaces.retry_webhook_delivery(&ada.call, retry.clone()).await?;
    eventually(async || {
        let listed = h.workspaces.list_webhook_deliveries(&ada.call, list()).await?.deliveries;
        ensure!(listed[0].attempts.len() == 2 && listed[0].status == "delivered", "{listed:?}");
        Ok(())
    })
    .await?;
    let off = UpdateWebhookRequest { webhook_id: id.clone(), enabled: Some(false), ..Default::default() };
    let changed = h.workspaces.update_webhook(&ada.call, off).await?.webhook.unwrap_or_default();
    ensure!(!changed.enabled, "{changed:?}");
    ensure!(reason(h.workspaces.retry_webhook_delivery(&ada.call, retry).await)? == Reason::Conflict, "it is sent");
    h.workspaces.delete_webhook(&ada.call, DeleteWebhookRequest { webhook_id: id.clone() }).await?;
    ensure!(reason(h.workspaces.get_webhook(&ada.call, get()).await)? == Reason::NotFound, "still there");
    Ok(())
}

async fn a_webhook_of_another_workspace_does_not_exist(h: &Handles) -> anyhow::Result<()> {
    let (ada, eve) = (h.somebody().await?, h.somebody().await?);
    let made = h.workspaces.create_webhook(&ada.call, to("https://example.com/")).await?.webhook.unwrap_or_default();
    let get = GetWebhookRequest { webhook_id: made.id.clone() };
    let refused = [
        reason(h.workspaces.get_webhook(&eve.call, get).await)?,
        reason(h.workspaces.delete_webhook(&eve.call, DeleteWebhookRequest { webhook_id: made.id }).await)?,
    ];
    ensure!(refused == [Reason::NotFound; 2], "{refused:?}");
    let metadata = h.workspaces.create_webhook(&eve.call, to("https://169.254.169.254/")).await;
    ensure!(reason(metadata)? == Reason::EgressRefused, "metadata services are called");
    Ok(())
}

async fn workspaces_of_everybody_are_for_operators(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let request = || ListAllWorkspacesRequest { query: ada.workspace.to_string(), ..Default::default() };
    ensure!(reason(h.workspaces.list_all_workspaces(&ada.call, request()).await)? == Reason::PermissionDenied);
    let scopes = ada.call.scopes.with(Permission::PlatformRead);
    let operator = Call { workspace: None, scopes, ..ada.call.clone() };
    let found = h.workspaces.list_all_workspaces(&operator, request()).await?.workspaces;
    ensure!(found.len() == 1 && found[0].id == ada.workspace.to_string() && found[0].members == 1, "{found:?}");
    Ok(())
}

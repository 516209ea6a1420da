//! A webhook of a test, and what came of its deliveries.

use crate::{
    house::{House, Person, openai},
    receiver::Receiver,
};
use proto::workspace::*;
use std::time::Duration;
use tonic::Status;

/// A webhook with the secret that its owner was shown.
pub struct Hook {
    pub id: String,
    pub secret: String,
}

pub fn wanting(url: &str, types: &[&str]) -> CreateWebhookRequest {
    CreateWebhookRequest {
        url: url.to_owned(),
        description: String::new(),
        event_types: types.iter().map(|name| (*name).to_owned()).collect(),
    }
}

pub async fn add(house: &House, person: Person, receiver: &Receiver, types: &[&str]) -> Hook {
    let made = house.workspaces.create_webhook(&house.call(person), wanting(&receiver.url, types)).await.unwrap();
    Hook { id: made.webhook.unwrap().id, secret: made.secret }
}

/// Has something happen of which webhooks hear: `provider.created`.
pub async fn happen(house: &House, person: Person, name: &str) {
    house.add_provider(person, openai(name)).await.unwrap();
}

pub async fn get(house: &House, person: Person, hook: &Hook) -> Webhook {
    let request = GetWebhookRequest { webhook_id: hook.id.clone() };
    house.workspaces.get_webhook(&house.call(person), request).await.unwrap().webhook.unwrap()
}

pub async fn update(house: &House, person: Person, request: UpdateWebhookRequest) -> Webhook {
    house.workspaces.update_webhook(&house.call(person), request).await.unwrap().webhook.unwrap()
}

/// Oldest first.
pub async fn deliveries(house: &House, person: Person, hook: &Hook) -> Vec<WebhookDelivery> {
    let request = ListWebhookDeliveriesRequest { webhook_id: hook.id.clone(), page_size: 200, ..Default::default() };
    let listed = house.workspaces.list_webhook_deliveries(&house.call(person), request).await.unwrap();
    listed.deliveries.into_iter().rev().collect()
}

/// Sends what is due until this holds of what came of it.
pub async fn until(
    house: &House,
    person: Person,
    hook: &Hook,
    holds: impl Fn(&[WebhookDelivery]) -> bool,
) -> Vec<WebhookDelivery> {
    for _ in 0..300 {
        house.service.send_to_webhooks().await.unwrap();
        let all = deliveries(house, person, hook).await;
        if holds(&all) {
            return all;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("this is as far as it came: {:#?}", deliveries(house, person, hook).await);
}

/// Until each has this status.
pub async fn all_are(house: &House, person: Person, hook: &Hook, status: &str) -> Vec<WebhookDelivery> {
    until(house, person, hook, |all| !all.is_empty() && all.iter().all(|one| one.status == status)).await
}

/// Until the newest has been tried so often.
pub async fn tried(house: &House, person: Person, hook: &Hook, attempts: usize) -> WebhookDelivery {
    let all = until(house, person, hook, |all| all.last().is_some_and(|one| one.attempts.len() == attempts)).await;
    all.last().unwrap().clone()
}

pub async fn retry(house: &House, person: Person, hook: &Hook, delivery: &str) -> Result<WebhookDelivery, Status> {
    let request = RetryWebhookDeliveryRequest { webhook_id: hook.id.clone(), delivery_id: delivery.to_owned() };
    Ok(house.workspaces.retry_webhook_delivery(&house.call(person), request).await?.delivery.unwrap())
}

pub async fn actions(house: &House, person: Person) -> Vec<AuditEvent> {
    let request = ListAuditEventsRequest { page_size: 200, ..ListAuditEventsRequest::default() };
    house.workspaces.list_audit_events(&house.call(person), request).await.unwrap().events
}

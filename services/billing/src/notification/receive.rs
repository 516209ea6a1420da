//! Takes a notification in.

use crate::{
    Billing, Error,
    payment::{Notification, Unverified},
};
use chrono::TimeDelta;
use proto::billing::{ReceiveNotificationRequest, ReceiveNotificationResponse};
use store::{GlobalTx, sql};

/// What is larger is none: Stripe's events have a few kilobytes, and Efí's fewer.
const MAX_BODY: usize = 256 * 1024;
/// Of one channel. Not all of them prove who sends (Efí's of boletos cannot), and each costs a question to the provider. What is
/// turned away is sent again, and otherwise found by reconciliation.
const MOST_PER_MINUTE: i64 = 300;

/// The same again changes nothing. Errors: [`Error::Unverified`], [`Error::TooMany`].
pub(crate) async fn receive(
    service: &Billing,
    request: ReceiveNotificationRequest,
) -> Result<ReceiveNotificationResponse, Error> {
    let ReceiveNotificationRequest { channel, body, signature, secret } = request;
    let name = channel.split('.').next().unwrap_or_default();
    let provider = service.providers.iter().find(|provider| provider.name() == name);
    let provider = provider.ok_or(Error::Unverified(Unverified::Unused))?;
    if body.len() > MAX_BODY {
        return Err(Error::Unverified(Unverified::Malformed));
    }
    let now = service.clock.now();
    let notification = Notification { channel, body: body.to_vec(), signature, secret, at: now };
    let id = provider.verify(&notification).map_err(|why| {
        tracing::warn!(provider = provider.name(), channel = notification.channel, %why, "a notification was refused");
        Error::Unverified(why)
    })?;
    let mut tx = GlobalTx::begin(&service.db).await?;
    let since = now - TimeDelta::minutes(1);
    let (recent,): (i64,) =
        tx.fetch_one(sql!("notification/recent"), &[notification.channel.as_str().into(), since.into()]).await?;
    if recent >= MOST_PER_MINUTE {
        return Err(Error::TooMany);
    }
    let values = [provider.name().into(), id.into(), notification.channel.into(), notification.body.into(), now.into()];
    tx.execute(sql!("notification/insert"), &values).await?;
    tx.commit().await?;
    Ok(ReceiveNotificationResponse {})
}

//! Looks at what came in: the payments that it is about are asked for at their provider.

use crate::{
    Billing, Error,
    payment::{About, Notification, Provider, Trouble},
};
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;
use store::{GlobalTx, SystemTx, sql};

/// After so many tries nobody will learn more: reconciliation finds what was missed.
const MOST_TRIES: i64 = 12;
const KEPT: TimeDelta = TimeDelta::days(90);

store::row! {
    struct Row {
        provider: String,
        notification_id: String,
        channel: String,
        body: Vec<u8>,
        received_at: DateTime<Utc>,
        tries: i64,
    }
}

/// All that are due, at most a hundred at a time. One that fails is tried again later. Errors: they could not be found.
pub(crate) async fn round(service: &Billing) -> Result<(), Error> {
    let mut tx = GlobalTx::read(&service.db).await?;
    let rows: Vec<Row> = tx.fetch_all(sql!("notification/due"), &[service.clock.now().into()]).await?;
    tx.commit().await?;
    for row in rows {
        if let Err(error) = one(service, &row).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, provider = row.provider, "a notification was not looked at");
        }
    }
    Ok(())
}

/// Shows operators how many wait. Errors: [`Error::Store`].
pub(crate) async fn show(service: &Billing) -> Result<(), Error> {
    let mut tx = GlobalTx::read(&service.db).await?;
    let (waiting,): (i64,) = tx.fetch_one(sql!("notification/waiting"), &[]).await?;
    tx.commit().await?;
    let gauge = host::metrics::gauge(
        "perpetuo_billing_notifications_waiting",
        "Notifications of providers of payments that are stored and not looked at yet; the same in every process of \
         billing, counted every 15 s.",
    );
    gauge.set(waiting);
    Ok(())
}

/// Removes those that are old. Errors: [`Error::Store`].
pub(crate) async fn prune(service: &Billing) -> Result<(), Error> {
    let mut tx = GlobalTx::begin(&service.db).await?;
    tx.execute(sql!("notification/prune"), &[(service.clock.now() - KEPT).into()]).await?;
    Ok(tx.commit().await?)
}

async fn one(service: &Billing, row: &Row) -> Result<(), Error> {
    let provider = service.providers.iter().find(|provider| provider.name() == row.provider);
    let read = match provider {
        Some(provider) => read(provider, row).await,
        None => Err(Trouble::Unsupported("the provider is not used here any more")),
    };
    let now = service.clock.now();
    let (abouts, next) = match &read {
        Ok(abouts) => (abouts.as_slice(), None),
        Err(Trouble::Away(_)) if row.tries < MOST_TRIES => (&[][..], Some(now + pause(row.tries))),
        Err(_) => (&[][..], None),
    };
    let mut tx = SystemTx::begin(&service.db, "look after payments that a provider told of").await?;
    for about in abouts {
        let provider = row.provider.as_str().into();
        match about {
            About::Payment(id) => tx.execute(sql!("payment/trigger_id"), &[provider, (*id).into(), now.into()]).await?,
            About::Mandate(reference) => {
                tx.execute(sql!("mandate/trigger"), &[provider, reference.as_str().into(), now.into()]).await?
            }
            About::Reference(reference) => {
                tx.execute(sql!("payment/trigger"), &[provider, reference.as_str().into(), now.into()]).await?
            }
        };
    }
    let values = [
        row.provider.as_str().into(),
        row.notification_id.as_str().into(),
        next.into(),
        next.is_none().into(),
        Vec::<u8>::new().into(),
    ];
    tx.execute(sql!("notification/looked"), &values).await?;
    tx.commit().await?;
    read.map(drop).map_err(Error::from)
}

async fn read(provider: &Arc<dyn Provider>, row: &Row) -> Result<Vec<About>, Trouble> {
    let notification = Notification {
        channel: row.channel.clone(),
        body: row.body.clone(),
        signature: String::new(),
        secret: String::new(),
        at: row.received_at,
    };
    provider.read(&notification).await
}

/// One minute, two, four, up to an hour.
fn pause(tries: i64) -> TimeDelta {
    TimeDelta::minutes(2i64.pow(u32::try_from(tries.clamp(0, 6)).unwrap_or(6)).min(60))
}

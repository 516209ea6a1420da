//! What feeds promise: every change, in commit order, within a second, and a heartbeat while there is none.

use crate::{Handles, anonymous, checks};
use anyhow::{Context as _, ensure};
use futures::StreamExt as _;
use proto::{
    feed::{Event, WatchRequest, WatchResponse},
    identity::{CreateApiKeyRequest, RevokeApiKeyRequest},
};
use std::time::{Duration, Instant};
use tests::in_one_of_three;
use tonic::{Status, codegen::BoxStream};

checks!(a_revocation_is_seen_within_a_second, a_feed_can_be_taken_up_again, a_quiet_feed_beats);

/// Reads until an event fits, at most five seconds; all events until then.
async fn until(stream: &mut BoxStream<WatchResponse>, fits: impl Fn(&Event) -> bool) -> anyhow::Result<Vec<Event>> {
    let mut seen: Vec<Event> = vec![];
    let read = async {
        while let Some(batch) = stream.next().await {
            seen.extend(batch?.events);
            if seen.iter().any(&fits) {
                return Ok(());
            }
        }
        Err(Status::aborted("the feed ended"))
    };
    tokio::time::timeout(Duration::from_secs(5), read).await.context("the event did not come")??;
    Ok(seen)
}

async fn a_revocation_is_seen_within_a_second(h: &Handles) -> anyhow::Result<()> {
    in_one_of_three(async || {
        let ada = h.somebody().await?;
        let mut feed = h.identity.watch(&anonymous(), WatchRequest { after: None }).await?;
        feed.next().await.context("no first beat")??;
        let key = h
            .identity
            .create_api_key(&ada.call, CreateApiKeyRequest { name: "k".to_owned(), ..Default::default() })
            .await?;
        let id = key.api_key.unwrap_or_default().id;
        h.identity.revoke_api_key(&ada.call, RevokeApiKeyRequest { key_id: id.clone() }).await?;
        let start = Instant::now();
        let seen = until(&mut feed, |e| e.kind == "api_key.revoked" && e.subject == id).await?;
        ensure!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
        let event = seen.last().context("no event")?;
        ensure!(event.workspace_id == ada.workspace.to_string() && event.actor == ada.user.to_string(), "{event:?}");
        ensure!(seen.is_sorted_by(|a, b| a.position < b.position), "out of order: {seen:?}");
        Ok(())
    })
    .await
}

async fn a_feed_can_be_taken_up_again(h: &Handles) -> anyhow::Result<()> {
    let mut feed = h.workspaces.watch(&anonymous(), WatchRequest { after: None }).await?;
    let start = feed.next().await.context("no first beat")??.position;
    drop(feed);
    let ada = h.somebody().await?;
    let mut feed = h.workspaces.watch(&anonymous(), WatchRequest { after: Some(start) }).await?;
    until(&mut feed, |e| e.kind == "workspace.created" && e.subject == ada.workspace.to_string()).await?;
    Ok(())
}

async fn a_quiet_feed_beats(h: &Handles) -> anyhow::Result<()> {
    let of_identity = h.identity.watch(&anonymous(), WatchRequest { after: None }).await?;
    let of_usage = h.usage.watch(&anonymous(), WatchRequest { after: None }).await?;
    for mut feed in [of_identity, of_usage] {
        for _ in 0..5 {
            tokio::time::timeout(Duration::from_secs(1), feed.next())
                .await
                .context("a second of silence")?
                .context("ended")??;
        }
    }
    Ok(())
}

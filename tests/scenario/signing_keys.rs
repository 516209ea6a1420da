//! The keys that sign access tokens change while people work: nobody is refused.

use crate::scenarios;
use anyhow::{Context as _, ensure};
use futures::future::{try_join, try_join_all};
use proto::Role;
use serde_json::json;
use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    time::{Duration, Instant},
};
use tests::{
    Cluster, Person,
    client::Client,
    cluster::{Options, Shape},
    database, within,
};

scenarios! {
    own: nobody_is_refused_while_another_key_begins_to_sign;
}

/// Processes read again at least so often which keys there are; a new one is published for longer than that.
const READ_AGAIN: i64 = 60;
const PEOPLE: usize = 4;

/// When the newest key begins to sign, or began: so many seconds from now.
async fn signs_from(cluster: &Cluster, seconds: i64) -> anyhow::Result<()> {
    let newest = "update signing_keys set active_from = {time}
        where generation = (select max(generation) from signing_keys)";
    ensure!(database::at_time(cluster, "identity", newest, seconds).await? == 1, "there is no key");
    Ok(())
}

async fn published(anybody: &Client) -> anyhow::Result<BTreeSet<String>> {
    let keys = anybody.get("/.well-known/jwks.json").await?.expect(200)?.json()?;
    let keys = keys["keys"].as_array().context("no keys")?;
    Ok(keys.iter().filter_map(|key| key["kid"].as_str().map(str::to_owned)).collect())
}

fn signed_by(token: &str) -> anyhow::Result<String> {
    jsonwebtoken::decode_header(token)?.kid.context("no kid")
}

/// Somebody who renews their tokens all the time and uses them at every edge.
async fn works(
    cluster: &Cluster,
    person: &Person,
    is_over: &Cell<bool>,
    seen: &RefCell<BTreeSet<String>>,
) -> anyhow::Result<usize> {
    let anybody = cluster.anybody();
    let mut refresh = json!({"refresh_token": person.account["refresh_token"]});
    let mut used = 0;
    while !is_over.get() {
        let session = anybody.post("/auth/refresh", &refresh).await?.expect(200)?.json()?;
        refresh = json!({"refresh_token": session["refresh_token"]});
        let token = session["access_token"].as_str().context("no token")?;
        seen.borrow_mut().insert(signed_by(token)?);
        for edge in cluster.edges() {
            anybody.with(token).at(&edge).get("/me").await?.expect(200)?;
            // The first token is as good as the last one.
            person.client.at(&edge).get("/me").await?.expect(200)?;
            used += 2;
        }
        ensure!(published(&anybody).await?.contains(&signed_by(token)?), "signed by a key that is not published");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(used)
}

async fn nobody_is_refused_while_another_key_begins_to_sign(shape: Shape) -> anyhow::Result<()> {
    let env = vec![
        ("PERPETUO__IDENTITY__SIGNING__ROTATE_DAYS".to_owned(), "1".to_owned()),
        ("PERPETUO__IDENTITY__SIGNING__PUBLISH_MINUTES".to_owned(), "2".to_owned()),
    ];
    let options = Options { env, more_identities: 1, ..Options::default() };
    let mut cluster = Cluster::start(shape, &options).await?;
    let before = published(&cluster.anybody()).await?;
    ensure!(before.len() == 1, "{before:?}");
    // A day goes by: identity starts, finds a key of yesterday, and publishes the next one.
    cluster.process(Role::Identity).terminate()?;
    cluster.process(Role::Identity).ended(Duration::from_secs(60)).await?;
    signs_from(&cluster, -86_400).await?;
    cluster.restart(Role::Identity, &options).await?;
    let anybody = cluster.anybody();
    let after = within(Duration::from_secs(30), async || {
        let keys = published(&anybody).await?;
        ensure!(keys.len() == 2 && keys.is_superset(&before), "{keys:?}");
        Ok(keys)
    })
    .await?;
    // It signs earlier than it would, and later than every process reads it.
    signs_from(&cluster, READ_AGAIN + 5).await?;
    let people = try_join_all((0..PEOPLE).map(|_| cluster.person())).await?;
    let (is_over, seen) = (Cell::new(false), RefCell::default());
    let working = try_join_all(people.iter().map(|person| works(&cluster, person, &is_over, &seen)));
    let watching = async {
        let began = Instant::now();
        // Until all of them have had the new key for a while.
        while seen.borrow().len() < 2 {
            ensure!(began.elapsed() < Duration::from_secs(120), "the new key never signs: {:?}", seen.borrow());
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        tokio::time::sleep(Duration::from_secs(3)).await;
        is_over.set(true);
        Ok(())
    };
    let (used, ()) = try_join(working, watching).await?;
    ensure!(seen.into_inner() == after, "signed by other keys than were published");
    eprintln!("keys changed ({shape:?}): {} uses of tokens, none refused", used.iter().sum::<usize>());
    Ok(())
}

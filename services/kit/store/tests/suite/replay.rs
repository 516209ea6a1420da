//! Requests that come again under the same key.

use crate::things::{self, SCHEMA, now, same, workspace};
use chrono::{DateTime, TimeDelta, Utc};
use proto::{
    Call, Principal,
    id::{KeyId, RequestId, WorkspaceId},
};
use store::{
    Db, WorkspaceTx,
    replay::{self, Claim, Error, Request},
    seal::{MasterKey, Sealer},
    testing,
};
use tokio::task::JoinSet;
use uuid::Uuid;

/// Somebody who adds things to a workspace.
#[derive(Clone)]
struct Client {
    db: Db,
    sealer: Sealer,
    workspace: WorkspaceId,
    call: Call,
}

impl Client {
    fn new(db: &Db) -> Self {
        let call =
            Call { idempotency_key: Some("once".into()), ..Call::anonymous(RequestId::from_uuid(Uuid::now_v7())) };
        let client =
            Self { db: db.clone(), sealer: MasterKey::generate().sealer(), workspace: workspace(), call: call.clone() };
        client.somebody_else()
    }

    fn somebody_else(&self) -> Self {
        let principal = Principal::Key { id: KeyId::from_uuid(Uuid::now_v7()) };
        Self { call: Call { principal, ..self.call.clone() }, ..self.clone() }
    }

    fn request(&self, name: &str) -> Option<Request> {
        Request::of(&self.call, "AddThing", Some(self.workspace), &name.to_owned())
    }

    /// Adds a thing. The answer says when it was made; and whether it was given before.
    async fn add(&self, name: &str, at: DateTime<Utc>) -> Result<(String, bool), Error> {
        let mut tx = WorkspaceTx::begin(&self.db, self.workspace).await?;
        let place = match replay::claim(&mut tx, &self.sealer, self.request(name), at).await? {
            Claim::Kept(answer) => return Ok((answer, true)),
            Claim::New(place) => place,
        };
        things::add(&mut tx, self.workspace, name).await?;
        let answer = format!("{name} {}", Uuid::now_v7());
        place.keep(&mut tx, &self.sealer, &answer).await?;
        tx.commit().await?;
        Ok((answer, false))
    }

    async fn count(&self) -> usize {
        things::count(&mut WorkspaceTx::read(&self.db, self.workspace).await.unwrap()).await
    }
}

#[tokio::test]
async fn the_same_request_gets_the_same_answer_and_another_one_none() {
    for db in testing::both(&SCHEMA).await {
        let client = Client::new(&db);
        let (answer, _) = client.add("lamp", now()).await.unwrap();
        assert_eq!(client.add("lamp", now()).await.unwrap(), (answer, true));
        assert!(matches!(client.add("chair", now()).await, Err(Error::Mismatch)));
        let elsewhere = Client { workspace: workspace(), ..client.clone() };
        assert!(matches!(elsewhere.add("lamp", now()).await, Err(Error::Mismatch)), "another workspace");
        assert!(!client.somebody_else().add("chair", now()).await.unwrap().1, "keys of others are others");
        let without = Client { call: Call { idempotency_key: None, ..client.call.clone() }, ..client.clone() };
        assert!(!without.add("lamp", now()).await.unwrap().1);
        assert_eq!(client.count().await, 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_twenty_at_once_one_makes_the_thing_and_all_get_its_answer() {
    for db in testing::both(&SCHEMA).await {
        let client = Client::new(&db);
        let mut all = JoinSet::new();
        for _ in 0..20 {
            let client = client.clone();
            all.spawn(async move { client.add("lamp", now()).await.unwrap() });
        }
        let answers = all.join_all().await;
        assert_eq!(answers.iter().filter(|(_, replayed)| !replayed).count(), 1);
        assert!(answers.iter().all(|(answer, _)| *answer == answers[0].0), "{answers:?}");
        assert_eq!(client.count().await, 1);
    }
}

#[tokio::test]
async fn what_failed_is_tried_anew() {
    for db in testing::both(&SCHEMA).await {
        let client = Client::new(&db);
        let mut tx = WorkspaceTx::begin(&db, client.workspace).await.unwrap();
        let claim = replay::claim::<String>(&mut tx, &client.sealer, client.request("lamp"), now()).await.unwrap();
        assert!(matches!(claim, Claim::New(_)));
        drop(tx);
        assert!(!client.add("chair", now()).await.unwrap().1);
    }
}

#[tokio::test]
async fn after_a_day_a_key_is_new_again_and_its_answer_is_removed() {
    for db in testing::both(&SCHEMA).await {
        let client = Client::new(&db);
        let start = now();
        let (first, _) = client.add("lamp", start).await.unwrap();
        let late = start + TimeDelta::hours(24);
        assert_eq!(client.add("lamp", late).await.unwrap(), (first, true));
        assert_eq!(replay::prune(&db, late).await.unwrap(), 0);
        let later = late + TimeDelta::seconds(1);
        let (second, replayed) = client.add("chair", later).await.unwrap();
        assert!(!replayed);
        assert_eq!(client.add("chair", later).await.unwrap(), (second, true));
        client.somebody_else().add("lamp", start).await.unwrap();
        assert_eq!(replay::prune(&db, later).await.unwrap(), 1, "the old one only");
    }
}

#[tokio::test]
async fn a_kept_answer_is_sealed_and_opens_in_its_place_only() {
    for db in testing::both(&SCHEMA).await {
        let client = Client::new(&db);
        client.add("a-very-secret-lamp", now()).await.unwrap();
        let mut tx = WorkspaceTx::begin(&db, client.workspace).await.unwrap();
        let rows: Vec<(Vec<u8>,)> = tx.fetch_all(same("select answer from replays"), &[]).await.unwrap();
        assert!(!rows[0].0.windows(6).any(|part| part == b"secret"));
        let thief = client.somebody_else();
        tx.execute(same("update replays set principal = $1"), &[thief.call.actor().into()]).await.unwrap();
        tx.commit().await.unwrap();
        let stolen = thief.add("a-very-secret-lamp", now()).await;
        assert!(matches!(stolen, Err(Error::Seal(_))), "{stolen:?}");
    }
}

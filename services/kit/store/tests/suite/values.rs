//! What goes in comes out, and compares.

use crate::things::{self, ADD, ALL, SCHEMA, Thing, same};
use chrono::{DateTime, TimeDelta, Utc};
use store::{Error, GlobalTx, Value, WorkspaceTx, testing};
use uuid::Uuid;

fn values(thing: &Thing) -> [Value; 9] {
    [
        thing.id.into(),
        thing.workspace_id.into(),
        thing.name.clone().into(),
        thing.number.into(),
        thing.small.into(),
        thing.flag.into(),
        thing.bytes.clone().into(),
        thing.at.into(),
        thing.json.clone().into(),
    ]
}

#[tokio::test]
async fn every_type_comes_back_as_it_was_on_both_databases() {
    for db in testing::both(&SCHEMA).await {
        let workspace_id = things::workspace();
        let full = Thing {
            id: Uuid::now_v7(),
            workspace_id,
            name: Some("é ' \u{1F980}".to_owned()),
            number: Some(i64::MIN),
            small: Some(-7),
            flag: Some(true),
            bytes: Some(vec![0, 255]),
            at: Some(things::now()),
            json: Some(serde_json::json!({ "a": [1, null, "x"] })),
        };
        let empty = Thing {
            id: Uuid::now_v7(),
            name: None,
            number: None,
            small: None,
            flag: None,
            bytes: None,
            at: None,
            json: None,
            ..full
        };
        let mut tx = WorkspaceTx::begin(&db, workspace_id).await.unwrap();
        assert_eq!(tx.execute(ADD, &values(&full)).await.unwrap(), 1);
        assert_eq!(tx.execute(ADD, &values(&empty)).await.unwrap(), 1);
        tx.commit().await.unwrap();
        let mut tx = WorkspaceTx::read(&db, workspace_id).await.unwrap();
        assert_eq!(tx.workspace(), workspace_id);
        assert_eq!(tx.fetch_all::<Thing>(ALL, &[]).await.unwrap(), [full, empty]);
    }
}

#[tokio::test]
async fn times_sort_and_compare_whatever_their_fraction_and_century() {
    let base: DateTime<Utc> = "2026-01-02T03:04:05Z".parse().unwrap();
    let times = [-9_000_000_000_000_000, -1, 0, 1, 10, 500_000, 1_000_000].map(|us| base + TimeDelta::microseconds(us));
    for db in testing::both(&SCHEMA).await {
        let workspace = things::workspace();
        let mut tx = WorkspaceTx::begin(&db, workspace).await.unwrap();
        for at in times.iter().rev() {
            let values = [Uuid::now_v7().into(), workspace.into(), (*at).into()];
            tx.execute(same("insert into things (id, workspace_id, at) values ($1, $2, $3)"), &values).await.unwrap();
        }
        let sorted: Vec<(DateTime<Utc>,)> = tx.fetch_all(same("select at from things order by at"), &[]).await.unwrap();
        assert_eq!(sorted.iter().map(|(at,)| *at).collect::<Vec<_>>(), times);
        let before = same("select cast(count(*) as bigint) as n from things where at < $1");
        let (n,): (i64,) = tx.fetch_one(before, &[base.into()]).await.unwrap();
        assert_eq!(n, 2);
    }
}

#[tokio::test]
async fn finer_than_a_microsecond_is_cut_alike_on_both_databases() {
    let at = DateTime::from_timestamp(1_700_000_000, 123_456_789).unwrap();
    for db in testing::both(&SCHEMA).await {
        let workspace = things::workspace();
        let mut tx = WorkspaceTx::begin(&db, workspace).await.unwrap();
        let values = [Uuid::now_v7().into(), workspace.into(), at.into()];
        tx.execute(same("insert into things (id, workspace_id, at) values ($1, $2, $3)"), &values).await.unwrap();
        let (read,): (DateTime<Utc>,) = tx.fetch_one(same("select at from things"), &[]).await.unwrap();
        assert_eq!(read.timestamp_subsec_nanos(), 123_456_000);
    }
}

#[tokio::test]
async fn a_missing_column_or_row_is_an_error_and_no_panic() {
    for db in testing::both(&SCHEMA).await {
        let mut tx = GlobalTx::begin(&db).await.unwrap();
        let none = tx.fetch_one::<(String,)>(things::WORDS, &[]).await;
        assert!(matches!(none, Err(Error::Other { .. })), "{none:?}");
        assert_eq!(tx.fetch_optional::<(String,)>(things::WORDS, &[]).await.unwrap(), None);
        tx.execute(things::WORD, &["x".into()]).await.unwrap();
        let wrong = tx.fetch_one::<Thing>(things::WORDS, &[]).await;
        assert!(matches!(wrong, Err(Error::Other { .. })), "{wrong:?}");
    }
}

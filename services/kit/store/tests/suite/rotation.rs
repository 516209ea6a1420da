//! The master key is replaced while two processes run, one of which seals with the old one and one with the new one.

use crate::things::{self, SCHEMA, same};
use store::{
    Db, GlobalTx, SystemTx, Value,
    seal::{
        MasterKey,
        rotate::{Column, Part, Sealed},
    },
    testing,
};
use uuid::Uuid;

const SEALED: Column = Column {
    table: "things",
    name: "bytes",
    key: &[("workspace_id", Part::Uuid), ("id", Part::Uuid)],
    place: |key| match key {
        [Value::Uuid(Some(workspace)), Value::Uuid(Some(id))] => place(*workspace, *id),
        _ => vec![],
    },
};

fn place(workspace: Uuid, id: Uuid) -> Vec<u8> {
    format!("things/{workspace}/{id}").into_bytes()
}

async fn add(db: &Db, master: &MasterKey, n: i64) -> Uuid {
    let (id, workspace) = (Uuid::now_v7(), things::workspace());
    let sealed = master.sealer().seal(&n.to_be_bytes(), &place(workspace.uuid(), id));
    let mut tx = SystemTx::begin(db, "seal").await.unwrap();
    let sql = same("insert into things (id, workspace_id, number, bytes) values ($1, $2, $3, $4)");
    tx.execute(sql, &[id.into(), workspace.into(), n.into(), sealed.into()]).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// How many values `master` opens, all of which are what they were.
async fn opened(db: &Db, master: &MasterKey) -> usize {
    let sql =
        same("select id, workspace_id, number, bytes, name, small, flag, at, json from things where bytes is not null");
    let rows: Vec<things::Thing> = SystemTx::read(db, "open").await.unwrap().fetch_all(sql, &[]).await.unwrap();
    let mut count = 0;
    for row in rows.iter().filter(|row| row.bytes.as_ref().is_some_and(|bytes| !bytes.is_empty())) {
        let place = place(row.workspace_id.uuid(), row.id);
        if let Ok(value) = master.sealer().open(row.bytes.as_ref().unwrap(), &place) {
            assert_eq!(value.as_slice(), row.number.unwrap().to_be_bytes());
            count += 1;
        }
    }
    count
}

#[tokio::test]
async fn values_of_both_keys_open_everywhere_and_in_the_end_the_old_key_opens_nothing() {
    let (old, new) = (MasterKey::generate(), MasterKey::generate());
    // Step 2: both know both; step 3: one of them seals with the new one already.
    let (early, late) = (old.clone().beside([new.clone()]), new.clone().beside([old.clone()]));
    for db in testing::both(&SCHEMA).await {
        for n in 0..450 {
            add(&db, if n % 3 == 0 { &late } else { &early }, n).await;
        }
        // Nothing is sealed in these.
        let mut tx = GlobalTx::begin(&db).await.unwrap();
        tx.execute(things::WORD, &["x".into()]).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = SystemTx::begin(&db, "seal").await.unwrap();
        things::add(&mut tx, things::workspace(), "none").await.unwrap();
        let empty = same("insert into things (id, workspace_id, bytes) values ($1, $2, $3)");
        tx.execute(empty, &[Uuid::now_v7().into(), things::workspace().into(), Vec::new().into()]).await.unwrap();
        tx.commit().await.unwrap();

        assert_eq!((opened(&db, &early).await, opened(&db, &late).await), (450, 450));
        assert_eq!(SEALED.count(&db, &late).await.unwrap(), Sealed { by: vec![150, 300], by_others: 0 });
        assert_eq!(SEALED.rotate(&db, &late).await.unwrap(), 300);
        assert_eq!(SEALED.rotate(&db, &late).await.unwrap(), 0, "twice changes nothing");
        assert_eq!(SEALED.count(&db, &late).await.unwrap(), Sealed { by: vec![450, 0], by_others: 0 });
        // Who has not heard that the new one seals reads what was sealed again.
        assert_eq!((opened(&db, &early).await, opened(&db, &new).await, opened(&db, &old).await), (450, 450, 0));
        // One that still sealed with the old one: the next run finds it.
        add(&db, &early, 450).await;
        assert_eq!(SEALED.rotate(&db, &late).await.unwrap(), 1);
        assert_eq!(opened(&db, &new).await, 451);
    }
}

#[tokio::test]
async fn two_who_rotate_at_once_and_somebody_who_writes_lose_nothing() {
    let (old, new) = (MasterKey::generate(), MasterKey::generate());
    let ring = new.clone().beside([old.clone()]);
    for db in testing::both(&SCHEMA).await {
        for n in 0..300 {
            add(&db, &old, n).await;
        }
        let writes = async {
            for n in 300..330 {
                add(&db, &ring, n).await;
            }
        };
        let (one, two, ()) = tokio::join!(SEALED.rotate(&db, &ring), SEALED.rotate(&db, &ring), writes);
        assert_eq!(one.unwrap() + two.unwrap(), 300);
        assert_eq!(opened(&db, &new).await, 330);
    }
}

#[tokio::test]
async fn what_a_strange_key_has_sealed_is_counted_and_what_was_moved_is_named() {
    let (old, new, strange) = (MasterKey::generate(), MasterKey::generate(), MasterKey::generate());
    let ring = new.clone().beside([old.clone()]);
    for db in testing::both(&SCHEMA).await {
        add(&db, &strange, 1).await;
        let moved = add(&db, &old, 2).await;
        assert_eq!(SEALED.count(&db, &ring).await.unwrap(), Sealed { by: vec![0, 1], by_others: 1 });
        let elsewhere = things::workspace();
        let mut tx = SystemTx::begin(&db, "move").await.unwrap();
        let sql = same("update things set workspace_id = $1 where id = $2");
        tx.execute(sql, &[elsewhere.into(), moved.into()]).await.unwrap();
        tx.commit().await.unwrap();
        // It stops nothing: more than a batch comes after it.
        for n in 3..303 {
            add(&db, &old, n).await;
        }
        let mut damaged = vec![];
        assert_eq!(SEALED.rotate_past(&db, &ring, &mut |found| damaged.push(found)).await.unwrap(), 300);
        assert!(damaged.len() == 1 && damaged[0].contains(&moved.to_string()), "{damaged:?}");
        assert_eq!((opened(&db, &new).await, opened(&db, &old).await), (300, 0));
        assert_eq!(SEALED.count(&db, &ring).await.unwrap(), Sealed { by: vec![300, 1], by_others: 1 });
        let refused = SEALED.rotate(&db, &ring).await.unwrap_err().to_string();
        assert!(refused.contains("things.things.bytes") && refused.contains(&moved.to_string()), "{refused}");
    }
}

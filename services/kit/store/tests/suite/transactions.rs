//! What a transaction keeps, undoes and refuses.

use crate::things::{self, SCHEMA, add, count};
use store::{Error, GlobalTx, SystemTx, WorkspaceTx, testing};

#[tokio::test]
async fn what_is_not_committed_never_happened() {
    for db in testing::both(&SCHEMA).await {
        let mut tx = GlobalTx::begin(&db).await.unwrap();
        tx.execute(things::WORD, &["lost".into()]).await.unwrap();
        drop(tx);
        let mut tx = GlobalTx::begin(&db).await.unwrap();
        tx.execute(things::WORD, &["kept".into()]).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = GlobalTx::read(&db).await.unwrap();
        assert_eq!(tx.fetch_all::<(String,)>(things::WORDS, &[]).await.unwrap(), [("kept".to_owned(),)]);
    }
}

#[tokio::test]
async fn the_same_row_twice_is_told_from_other_errors() {
    for db in testing::both(&SCHEMA).await {
        let mut tx = GlobalTx::begin(&db).await.unwrap();
        tx.execute(things::WORD, &["twice".into()]).await.unwrap();
        let error = tx.execute(things::WORD, &["twice".into()]).await.unwrap_err();
        assert!(error.is_unique() && !error.is_transient(), "{error:?}");
    }
}

#[tokio::test]
async fn a_transaction_that_reads_cannot_write() {
    for db in testing::both(&SCHEMA).await {
        let mut tx = GlobalTx::read(&db).await.unwrap();
        let error = tx.execute(things::WORD, &["no".into()]).await.unwrap_err();
        assert!(matches!(error, Error::ReadOnly { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_reader_does_not_wait_for_a_writer() {
    for db in testing::both(&SCHEMA).await {
        let mut writer = GlobalTx::begin(&db).await.unwrap();
        writer.execute(things::WORD, &["soon".into()]).await.unwrap();
        let mut reader = GlobalTx::read(&db).await.unwrap();
        assert!(reader.fetch_all::<(String,)>(things::WORDS, &[]).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn on_postgresql_each_transaction_sees_what_it_is_for() {
    let Some(db) = testing::postgres(&SCHEMA).await else { return };
    let (mine, theirs) = (things::workspace(), things::workspace());
    for workspace in [mine, theirs] {
        let mut tx = WorkspaceTx::begin(&db, workspace).await.unwrap();
        add(&mut tx, workspace, "a").await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(count(&mut WorkspaceTx::read(&db, mine).await.unwrap()).await, 1);
    assert_eq!(count(&mut GlobalTx::read(&db).await.unwrap()).await, 0);
    assert_eq!(count(&mut SystemTx::read(&db, "what 'system' is for").await.unwrap()).await, 2);

    let mut tx = WorkspaceTx::begin(&db, mine).await.unwrap();
    assert!(add(&mut tx, theirs, "forged").await.is_err(), "a row for another workspace was accepted");
}

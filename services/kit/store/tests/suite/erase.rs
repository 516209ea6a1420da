//! A workspace is erased, and nobody else.

use crate::things::{self, SCHEMA, add, count};
use store::{Error, SystemTx, WorkspaceTx, erase, outbox::Event, testing};

#[tokio::test]
async fn all_rows_of_a_workspace_go_and_no_others() {
    for db in testing::both(&SCHEMA).await {
        let (mine, theirs) = (things::workspace(), things::workspace());
        // More than go at once.
        for (workspace, number) in [(mine, 2_500), (theirs, 3)] {
            let mut tx = WorkspaceTx::begin(&db, workspace).await.unwrap();
            for _ in 0..number {
                add(&mut tx, workspace, "a").await.unwrap();
            }
            tx.emit(&Event { workspace: Some(workspace), ..things::event("thing.made", number) });
            tx.commit().await.unwrap();
        }
        assert_eq!(erase::workspace(&db, mine, &["things"]).await.unwrap(), 1, "only what was published");
        let all = async || count(&mut SystemTx::read(&db, "count what is left").await.unwrap()).await;
        assert_eq!(all().await, 2_503);
        assert_eq!(erase::workspace(&db, mine, &[]).await.unwrap(), 2_500);
        assert_eq!(erase::workspace(&db, mine, &[]).await.unwrap(), 0, "it can be repeated");
        assert_eq!(all().await, 3);
        let error = erase::workspace(&db, theirs, &["thongs"]).await.unwrap_err();
        assert!(matches!(error, Error::Setup(_)), "what is kept is a table: {error:?}");
        assert_eq!(
            erase::workspace(&db, theirs, &[]).await.unwrap(),
            3,
            "the newest event says how far the feed has come"
        );
    }
}

//! How far the feed of workspaces was read.

use crate::world::everywhere;
use proto::feed::Event;
use std::time::Duration;
use store::{Sql, SystemTx};

#[tokio::test]
async fn what_concerns_nobody_here_is_not_read_again_by_the_next_process() {
    everywhere(async |world| {
        for _ in 0..1_001 {
            world.workspaces.tell(Event { kind: "member.added".into(), ..Event::default() });
        }
        let _follower = world.follower();
        let text = "select position from feed_positions where source = 'workspace.teams'";
        for _ in 0..200 {
            let mut tx = SystemTx::read(&world.fresh.db, "look at the feed").await.unwrap();
            let kept: Option<(i64,)> =
                tx.fetch_optional(Sql { name: "position", postgres: text, sqlite: text }, &[]).await.unwrap();
            if let Some((position,)) = kept {
                assert_eq!(position, 1_000);
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no position was kept");
    })
    .await;
}

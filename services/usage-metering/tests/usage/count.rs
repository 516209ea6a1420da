//! Requests to surfaces of plans that leave nothing behind.

use crate::world::*;
use chrono::TimeDelta;
use proto::{Reason, Role, usage::*};
use std::time::Duration;

fn one(world: &World, surface: &str, plan: &str) -> CountCallRequest {
    CountCallRequest { workspace_id: world.workspace.to_string(), surface: surface.to_owned(), plan: plan.to_owned() }
}

fn edge(world: &World) -> Usage {
    world.usage.called_by(Role::Edge)
}

#[tokio::test]
async fn a_plan_lets_so_many_requests_a_minute_through_and_nothing_of_them_is_kept() {
    for world in everywhere().await {
        let ask = async || edge(&world).count_call(&world.call(), one(&world, "executions", "free")).await;
        for left in (0..60).rev() {
            let limits = ask().await.unwrap().limits;
            assert_eq!((limits[0].limit, limits[0].kind(), limits.len()), (60, LimitKind::RequestsPerMinute, 1));
            assert!(limits[0].remaining >= left, "{limits:?}");
        }
        let refused = loop {
            // Some have drained by the clock of the counters.
            match ask().await {
                Ok(_) => {}
                Err(status) => break proto::Failure::from(&status),
            }
        };
        assert_eq!(refused.reason, Reason::RateLimited);
        assert_eq!((refused.get("layer"), refused.get("plan")), (Some("plan"), Some("free")));
        assert!(refused.retry_after.is_some_and(|wait| wait <= Duration::from_secs(2)), "{refused:?}");
        // On a plan without a limit nothing is counted, and what models are asked is another surface.
        let free = edge(&world).count_call(&world.call(), one(&world, "executions", "enterprise")).await.unwrap();
        assert!(free.limits.is_empty());
        assert!(world.admit(&world.ask()).await.is_ok());
        let sums = world
            .usage
            .get_usage(&world.reader(world.workspace), GetUsageRequest::default())
            .await
            .unwrap()
            .sums
            .unwrap();
        assert!(sums.requests <= 1, "{sums:?}");
        world.hand.advance(TimeDelta::seconds(61));
        assert!(ask().await.is_ok());
        let wrong = edge(&world).count_call(&world.call(), one(&world, "v1", "free")).await.unwrap_err();
        assert_eq!(Reason::of(&wrong), Reason::InvalidArgument);
    }
}

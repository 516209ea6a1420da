use crate::world::*;
use chrono::{DateTime, TimeDelta, Utc};
use proto::{Reason, time::to_proto, usage::*};
use store::{Sql, SystemTx, sql};

const ANNOUNCED: Sql = Sql {
    name: "test/announced",
    postgres: "select count(*) from outbox where kind = 'usage.anomaly'",
    sqlite: "select count(*) from outbox where kind = 'usage.anomaly'",
};

/// What was spent in one hour, with the roll-up's own statement.
async fn spend(world: &World, at: DateTime<Utc>, nanos: i64) {
    let none = uuid::Uuid::nil().simple().to_string();
    let mut row = serde_json::json!({
        "workspace_id": world.workspace.uuid().simple().to_string(), "at": at.timestamp_micros(), "provider": "acme",
        "model": "large", "api_key_id": none, "user_id": none, "plan": "free", "currency": "USD",
        "requests": 1, "attempts": 1, "cost_nanos": nanos, "list_cost_nanos": nanos, "priced": 1,
    });
    for name in [
        "failed",
        "input_tokens",
        "cache_read_tokens",
        "cache_write_5m_tokens",
        "cache_write_1h_tokens",
        "audio_input_tokens",
        "image_input_tokens",
        "output_tokens",
        "audio_output_tokens",
        "image_output_tokens",
        "reasoning_tokens",
        "images",
        "audio_ms",
        "characters",
        "searches",
        "unpriced",
    ] {
        row[name] = 0.into();
    }
    let mut tx = SystemTx::begin(&world.db, "test").await.unwrap();
    tx.execute(sql!(pair "rollup/spans"), &[serde_json::json!([row]).to_string().into()]).await.unwrap();
    tx.commit().await.unwrap();
}

/// Two units an hour on ten days, seven now.
async fn unusual(world: &World) {
    for day in 1..=10 {
        spend(world, start() - TimeDelta::days(day), 2_000_000_000).await;
    }
    spend(world, start(), 7_000_000_000).await;
}

async fn announced(world: &World) -> i64 {
    let mut tx = SystemTx::read(&world.db, "test").await.unwrap();
    tx.fetch_one::<(i64,)>(ANNOUNCED, &[]).await.unwrap().0
}

#[tokio::test]
async fn an_hour_that_spends_three_times_the_usual_is_listed() {
    for world in everywhere().await {
        unusual(&world).await;
        let reader = world.reader(world.workspace);
        let now = Some(to_proto(start() + TimeDelta::minutes(10)));
        let request = ListAnomaliesRequest { from: None, to: now };
        let found = world.usage.list_anomalies(&reader, request).await.unwrap().anomalies;
        assert_eq!(found.len(), 1, "{found:?}");
        let hour = &found[0];
        assert_eq!((hour.at, hour.measure.as_str(), hour.currency.as_str()), (Some(to_proto(start())), "cost", "USD"));
        assert_eq!((hour.amount, hour.usual), (7_000_000, 2_000_000));
        let before = ListAnomaliesRequest { from: None, to: Some(to_proto(start())) };
        assert!(world.usage.list_anomalies(&reader, before).await.unwrap().anomalies.is_empty());
        let long = ListAnomaliesRequest { from: Some(to_proto(start() - TimeDelta::days(40))), to: now };
        let refused = world.usage.list_anomalies(&reader, long).await.unwrap_err();
        assert_eq!(Reason::of(&refused), Reason::InvalidArgument);
    }
}

#[tokio::test]
async fn an_unusual_hour_is_told_once_however_many_processes_look() {
    for place in [Place::Group, Place::Postgres] {
        let Some(first) = World::at(place, quick()).await else { continue };
        unusual(&first).await;
        let fresh = first.fresh.clone().unwrap();
        let others = [
            World::open(fresh.clone(), None, quick(), None).await.unwrap(),
            World::open(fresh, None, quick(), None).await.unwrap(),
        ];
        eventually(SECOND * 20, async || (announced(&first).await == 1).then_some(())).await;
        // Whoever looks after it was told says nothing.
        let rounds = others.len();
        let last = World::open(first.fresh.clone().unwrap(), None, quick(), None).await.unwrap();
        last.complete(&last.ask()).await;
        last.service.flush().await.unwrap();
        assert_eq!(announced(&first).await, 1, "{rounds} others looked");
    }
}

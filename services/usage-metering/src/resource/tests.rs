use super::{
    event::{Event, Name, Rules},
    record::{distinct, sums},
};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use proto::{id::WorkspaceId, time::to_proto, usage::UsageEvent};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

fn read(id: usize, minute: i64, resource: usize, quantity: i64) -> Event {
    let now: DateTime<Utc> = "2026-11-21T08:00:00Z".parse().unwrap();
    let event = UsageEvent {
        source: "shop".into(),
        id: id.to_string(),
        resource: ["tickets", "seats"][resource].into(),
        quantity,
        at: Some(to_proto(now - TimeDelta::minutes(minute))),
        ..UsageEvent::default()
    };
    Event::read(event, Rules { now, oldest: DateTime::UNIX_EPOCH, peer: false }).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]
    #[test]
    fn any_order_batching_and_duplication_of_events_gives_the_sums_of_a_naive_count(
        events in proptest::collection::vec((0i64..100, 0usize..2, 0i64..1_000_000), 1..10),
        again in proptest::collection::vec(0usize..10, 0..10),
        size in 1usize..6,
    ) {
        let read: Vec<Event> = events.iter().enumerate().map(|(n, (m, r, q))| read(n, *m, *r, *q)).collect();
        let sent: Vec<Event> = again.iter().map(|n| n % read.len()).chain((0..read.len()).rev()).map(|n| read[n].clone()).collect();
        let mut table: HashMap<Name, String> = HashMap::new();
        let mut found: BTreeMap<(i64, String), (i64, i64)> = BTreeMap::new();
        for batch in sent.chunks(size) {
            let distinct = distinct(batch).unwrap();
            let new: Vec<&Event> = distinct.values().copied().filter(|event| {
                table.insert(event.name.clone(), event.digest.clone()).is_none()
            }).collect();
            for row in sums(WorkspaceId::from_uuid(Uuid::nil()), &new) {
                let sum = found.entry((row.at, row.resource.to_owned())).or_default();
                (sum.0, sum.1) = (sum.0 + row.events, sum.1 + row.quantity);
            }
        }
        let mut naive: BTreeMap<(i64, String), (i64, i64)> = BTreeMap::new();
        for event in &read {
            let sum = naive.entry((event.at.timestamp() / 900 * 900_000_000, event.resource.clone())).or_default();
            (sum.0, sum.1) = (sum.0 + 1, sum.1 + event.quantity);
        }
        prop_assert_eq!(found, naive);
    }

    #[test]
    fn another_payload_is_another_digest(a in (0i64..5, 0usize..2, 0i64..5), b in (0i64..5, 0usize..2, 0i64..5)) {
        let same = read(1, a.0, a.1, a.2).digest == read(1, b.0, b.1, b.2).digest;
        prop_assert_eq!(same, a == b);
    }
}

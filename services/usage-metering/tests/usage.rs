//! What gateways, people and operators get from usage-metering, through its public door.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "usage/world.rs"]
mod world;

#[path = "usage/house.rs"]
mod house;
#[path = "usage/redis.rs"]
mod redis;

#[path = "usage/anomaly.rs"]
mod anomaly;
#[path = "usage/chaos.rs"]
mod chaos;
#[path = "usage/count.rs"]
mod count;
#[path = "usage/crash.rs"]
mod crash;
#[path = "usage/deliver.rs"]
mod deliver;
#[path = "usage/event.rs"]
mod event;
#[path = "usage/export.rs"]
mod export;
#[path = "usage/forgotten.rs"]
mod forgotten;
#[path = "usage/keep.rs"]
mod keep;
#[path = "usage/lease.rs"]
mod lease;
#[path = "usage/letters.rs"]
mod letters;
#[path = "usage/limit.rs"]
mod limit;
#[path = "usage/many.rs"]
mod many;
#[path = "usage/offline.rs"]
mod offline;
#[path = "usage/outage.rs"]
mod outage;
#[path = "usage/price.rs"]
mod price;
#[path = "usage/quota.rs"]
mod quota;
#[path = "usage/read.rs"]
mod read;
#[path = "usage/reading.rs"]
mod reading;
#[path = "usage/rerate.rs"]
mod rerate;
#[path = "usage/resource.rs"]
mod resource;
#[path = "usage/schedule.rs"]
mod schedule;
#[path = "usage/settle.rs"]
mod settle;
#[path = "usage/speed.rs"]
mod speed;
#[path = "usage/storage.rs"]
mod storage;
#[path = "usage/sums.rs"]
mod sums;
#[path = "usage/sweep.rs"]
mod sweep;
#[path = "usage/teams.rs"]
mod teams;
#[path = "usage/trail.rs"]
mod trail;
#[path = "usage/units.rs"]
mod units;

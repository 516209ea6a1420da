use crate::world::*;
use std::time::{Duration, Instant};

/// Prints what a request costs. The bound is far above what it should be: it catches a mistake, not a slow machine.
#[tokio::test]
async fn admission_settlement_and_fold_are_cheap() {
    let world = World::embedded().await;
    const REQUESTS: u32 = 20_000;
    let asks: Vec<_> = (0..REQUESTS).map(|_| world.ask()).collect();
    let service = &world.service;
    let call = world.call();
    let started = Instant::now();
    for ask in &asks {
        proto::usage::Service::admit(service, &call, ask.0.clone()).await.unwrap();
        proto::usage::Service::settle(service, &call, ask.completed()).await.unwrap();
    }
    let answered = started.elapsed();
    service.flush().await.unwrap();
    let folded = started.elapsed();
    println!(
        "admit and settle {:?} per request, folded after {:?} per request",
        answered / REQUESTS,
        folded / REQUESTS
    );
    assert!(folded / REQUESTS < Duration::from_millis(2));
    assert_eq!(world.rows("usage").await, i64::from(REQUESTS));
}

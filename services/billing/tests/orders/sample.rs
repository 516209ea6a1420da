//! Some orders of each stage, on both databases, through the service that runs by itself as well: with repetitions and losses.

use crate::{
    house::House,
    stages::{Boleto, Card, Claimed, Pix, Stage, Taken},
    state::seen,
};
use billing::SCHEMA;
use chrono::TimeDelta;
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use proto::{Call, billing::ReconcileRequest};
use store::testing::{self, Fresh};

const ORDERS: usize = 12;

/// Databases for a house; None where there is no server for PostgreSQL.
pub async fn fresh(is_postgres: bool) -> Option<[Fresh; 3]> {
    if is_postgres {
        return Some([
            testing::postgres(&SCHEMA).await?,
            testing::postgres(&workspace::SCHEMA).await?,
            testing::postgres(&usage_metering::SCHEMA).await?,
        ]);
    }
    Some([
        testing::sqlite(&SCHEMA).await,
        testing::sqlite(&workspace::SCHEMA).await,
        testing::sqlite(&usage_metering::SCHEMA).await,
    ])
}

/// One order: whatever has happened is told up to so many times, or not at all.
async fn one<S: Stage>(house: &House, stage: &S, call: &Call, order: &[usize], times: &[usize]) -> String {
    let mut happened = 0;
    for event in order {
        let reached = happened.max(event + 1);
        (happened..reached).for_each(|n| stage.happen(n));
        happened = reached;
        for _ in 0..times[*event] {
            house.billing.receive_notification(&house.anonymous(), stage.tells(*event)).await.unwrap();
        }
        house.at(house.now()).await;
    }
    house.hand.advance(TimeDelta::seconds(1));
    let found = house.billing.reconcile(&house.operator(call), ReconcileRequest::default()).await.unwrap();
    // Mandates it only has asked for, in the round after it.
    house.at(house.now()).await;
    let odd: Vec<_> = found.differences.iter().filter(|one| !one.is_explained).collect();
    assert!(odd.is_empty(), "{order:?} {times:?}: {odd:?}");
    format!("{:?}", seen(house, &house.service, call).await)
}

fn orders() -> Vec<(Vec<usize>, Vec<usize>)> {
    let mut runner = TestRunner::new(ProptestConfig::with_cases(1));
    let numbers: Vec<usize> = (0..8).collect();
    let any = (Just(numbers).prop_shuffle(), proptest::collection::vec(0usize..3, 8));
    (0..ORDERS).map(|_| any.new_tree(&mut runner).unwrap().current()).collect()
}

/// Tells many of them, each in a workspace of its own; all of them end in the same way.
async fn all<S: Stage>(house: &House, next: impl AsyncFn() -> (S, Call)) {
    let mut first = None;
    for (order, times) in orders() {
        let (stage, call) = next().await;
        let end = one(house, &stage, &call, &order, &times).await;
        let expected = first.get_or_insert_with(|| end.clone());
        assert_eq!(end, *expected, "{order:?} {times:?}");
    }
}

async fn cards(is_postgres: bool) {
    let Some(fresh) = fresh(is_postgres).await else { return };
    let (house, shop) = House::with_shop(fresh).await;
    all(&house, async || Card::of(&house, &shop).await).await;
    all(&house, async || Claimed::of(&house, &shop).await).await;
}

async fn pix_and_boletos(is_postgres: bool) {
    let Some(fresh) = fresh(is_postgres).await else { return };
    let (house, bank) = House::with_bank(fresh).await;
    all(&house, async || Pix::of(&house, &bank).await).await;
    all(&house, async || Boleto::of(&house, &bank).await).await;
    all(&house, async || Taken::of(&house, &bank).await).await;
}

#[tokio::test]
async fn cards_on_sqlite() {
    Box::pin(cards(false)).await;
}

#[tokio::test]
async fn cards_on_postgres() {
    Box::pin(cards(true)).await;
}

#[tokio::test]
async fn pix_and_boletos_on_sqlite() {
    Box::pin(pix_and_boletos(false)).await;
}

#[tokio::test]
async fn pix_and_boletos_on_postgres() {
    Box::pin(pix_and_boletos(true)).await;
}

//! No route reaches a provider without passing admission.
//!
//! The real router of the edge, with the real services behind it, before a usage-metering that refuses every admission
//! or grants it, and counts. The routes come from the API description, so that a new one is covered by itself.

mod calendar;
mod gate;
mod house;
mod person;
mod routes;

use gate::Gate;
use house::House;
use person::Person;
use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, TestRunner},
};
use routes::{METHODS, Route, body, routes};
use std::collections::BTreeSet;

/// Bodies of each operation, beside its example.
const GENERATED: usize = 3;
/// Requests with generated bodies to the operations that call providers.
const CASES: u32 = 400;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_every_admission_is_refused_no_request_of_any_route_reaches_a_provider() -> anyhow::Result<()> {
    let house = House::open(Gate::closed()).await?;
    whatever_is_sent(&house, || (house.provider.connections(), 0)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_admissions_are_granted_each_call_of_a_provider_has_one_of_its_own() -> anyhow::Result<()> {
    let house = House::open(Gate::open()).await?;
    whatever_is_sent(&house, || (house.provider.received().len(), house.gate.asked())).await
}

/// Sends everything to every route, then anything to those that ask for admission. After each the two numbers are equal.
async fn whatever_is_sent(house: &House, numbers: impl Fn() -> (usize, usize)) -> anyhow::Result<()> {
    let mut callers = BTreeSet::new();
    for route in routes() {
        let before = house.gate.asked();
        everything(house, &route).await?;
        agree(&numbers, &route.to_string()).await?;
        if house.gate.asked() > before {
            callers.insert(route.to_string());
        }
    }
    let known = [
        "GET /v1/models",
        "GET /v1/models/{model}",
        "POST /api/v1/workspaces/{workspace_id}/providers/{provider_id}/test",
        "POST /v1/chat/completions",
        "POST /v1/embeddings",
        "POST /v1/responses",
        "POST /v1/completions",
        "POST /v1/moderations",
        "POST /v1/images/generations",
        "POST /v1/audio/speech",
        "POST /v1/audio/transcriptions",
        "POST /v1/rerank",
        "POST /v1/messages",
        "POST /v1/messages/count_tokens",
        "POST /v1beta/models/{model}",
        "POST /api/chat",
    ];
    for caller in known {
        assert!(callers.contains(caller), "{caller} asked for no admission: the test proves little ({callers:?})");
    }
    let routes: Vec<Route> = routes().into_iter().filter(|route| callers.contains(&route.to_string())).collect();
    let person = house.person().await?;
    let mut runner = TestRunner::new(Config::default());
    let requests = (0..routes.len(), any::<u64>(), any::<bool>());
    for _ in 0..CASES {
        let (route, seed, with_key) = requests.new_tree(&mut runner).map_err(anyhow::Error::msg)?.current();
        let route = &routes[route];
        let body = route.schema.as_ref().map(|schema| route.sent(body(schema, seed)));
        person.send(&route.method, &person.fill(&route.path), with_key, body).await?;
        agree(&numbers, &format!("{route} with seed {seed}")).await?;
    }
    assert!(house.gate.asked() > 100, "admission was asked for {} times: the test proves little", house.gate.asked());
    Ok(())
}

/// Both numbers are the same; an execution goes on after its answer, and is just between the two now and then.
async fn agree(numbers: &impl Fn() -> (usize, usize), after: &str) -> anyhow::Result<()> {
    tests::eventually(async || {
        let (found, expected) = numbers();
        anyhow::ensure!(found == expected, "{found} instead of {expected} after {after}");
        Ok(())
    })
    .await
}

/// Each method, with and without bodies, by token and by key, as somebody who has everything that the path may name.
async fn everything(house: &House, route: &Route) -> anyhow::Result<()> {
    let person = house.person().await?;
    let path = person.fill(&route.path);
    for with_key in [false, true] {
        for method in METHODS.iter().filter(|method| **method != route.method) {
            person.send(method, &path, with_key, None).await?;
        }
        for body in route.bodies(GENERATED) {
            person.send(&route.method, &path, with_key, body.map(|body| route.sent(body))).await?;
        }
    }
    Ok(())
}

//! Clients that leave: the provider is left within a second, in every phase.

use super::{SOON, cells::Cell, each, settled};
use crate::{
    provider::{Provider, Step},
    world::{World, eventually, quick},
};
use futures::future::join_all;
use proto::usage::Outcome;
use std::time::{Duration, Instant};

/// Until when the client stays.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    /// The provider has the request.
    Asked,
    /// The client has seen content.
    Content,
}

fn phases(cell: &Cell) -> Vec<(&'static str, Vec<Step>, Until)> {
    let mut phases = vec![("before the head", vec![Step::Hang], Until::Asked)];
    if cell.streams {
        phases.push(("before the content", vec![cell.wire.head.clone(), Step::Hang], Until::Asked));
        phases.push(("in the content", [cell.begun(), vec![Step::Hang]].concat(), Until::Content));
    } else {
        let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{".to_vec();
        phases.push(("in the answer", vec![Step::Send(head), Step::Hang], Until::Asked));
    }
    phases
}

/// No deadline is what ends a call here.
fn patient() -> gateway::Config {
    gateway::Config { connect_ms: 10_000, first_byte_ms: 10_000, idle_ms: 10_000, ..quick() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whose_client_leaves_is_left_within_a_second_in_every_phase() {
    each(6, |cell| async move {
        let phases = phases(&cell);
        let providers = join_all(phases.iter().map(|(_, script, _)| Provider::start(script.clone()))).await;
        let world = cell.world(patient(), &providers, None).await;
        let tried = phases.iter().enumerate().map(|(n, (phase, _, until))| {
            let what = format!("{}: {phase}", cell.name);
            left(&cell, &world, &providers[n], what, format!("m{n}"), *until)
        });
        join_all(tried).await;
    })
    .await;
}

async fn left(cell: &Cell, world: &World, provider: &Provider, what: String, model: String, until: Until) {
    let call = world.call();
    let mut asking = Box::pin(world.send(&call, cell.request(&model)));
    let mut opened = None;
    while provider.received().is_empty() || (until == Until::Content && opened.is_none()) {
        if opened.is_none() {
            let asked = tokio::time::timeout(Duration::from_millis(20), &mut asking).await;
            opened = asked.ok().map(|told| told.unwrap_or_else(|failure| panic!("{what}: {failure}")));
        } else {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    let since = Instant::now();
    drop(asking);
    drop(opened);
    eventually(&format!("{what}: the provider is left"), || provider.gone() > 0).await;
    assert!(since.elapsed() < SOON, "{what}: left after {:?}", since.elapsed());
    let settle = settled(world, &what, &call.request_id.to_string(), 1).await;
    assert_eq!(settle.outcome(), Outcome::ClientGone, "{what}");
}

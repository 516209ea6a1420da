//! Processes that come, go and say that they want no calls.

use super::*;
use futures::future::{BoxFuture, FutureExt as _};
use std::{
    collections::BTreeSet,
    io,
    sync::{Mutex as Locked, PoisonError},
};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use tonic::transport::{Server, server::TcpIncoming};
use tonic_health::{ServingStatus, server::HealthReporter};

/// A process that says of itself whether it serves.
struct Process {
    address: SocketAddr,
    reporter: HealthReporter,
    stop: CancellationToken,
    _serving: AbortOnDropHandle<()>,
}

impl Process {
    async fn at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (reporter, health) = tonic_health::server::health_reporter();
        let stop = CancellationToken::new();
        let until = stop.clone().cancelled_owned();
        let serving = crate::Tasks::new().spawn("server", async move {
            let served = Server::builder().add_service(health);
            drop(served.serve_with_incoming_shutdown(TcpIncoming::from(listener), until).await);
        });
        Self { address, reporter, stop, _serving: AbortOnDropHandle::new(serving) }
    }

    async fn serves(&self, serves: bool) {
        let status = if serves { ServingStatus::Serving } else { ServingStatus::NotServing };
        self.reporter.set_service_status("", status).await;
    }
}

/// What the one name of the test stands for.
#[derive(Default)]
struct Names(Locked<Option<Vec<SocketAddr>>>);

impl Names {
    fn now(&self, addresses: Option<Vec<SocketAddr>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = addresses;
    }
}

impl Resolve for Names {
    fn resolve(&self, host: String, _: u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
        assert_eq!(host, "peer.test");
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        async move { found.ok_or_else(|| io::Error::other("no name server answers")) }.boxed()
    }
}

fn place(address: &str) -> Place {
    Place::new(Endpoint::from_shared(address.to_owned()).expect("an address"), Connect::new(None))
}

/// Who gets calls, out of many.
fn picked(replicas: &Replicas) -> BTreeSet<String> {
    (0..200).map(|_| replicas.pick(&[]).0.address().to_owned()).collect()
}

fn loopback(last: u8, port: u16) -> SocketAddr {
    ([127, 0, 0, last], port).into()
}

#[tokio::test]
async fn who_does_not_serve_is_left_out_until_it_does_and_the_last_ones_stay() {
    let (one, two) = (Process::at(loopback(1, 0)).await, Process::at(loopback(1, 0)).await);
    let addresses = [&one, &two].map(|p| format!("http://{}/", p.address));
    let (first, second) = (BTreeSet::from([addresses[0].clone()]), BTreeSet::from([addresses[1].clone()]));
    let both: BTreeSet<String> = addresses.iter().cloned().collect();
    let places = addresses.iter().map(|a| place(a)).collect();
    let replicas = Replicas::new(Role::Identity, places, Arc::new(Names::default()));
    replicas.ask().await;
    assert_eq!(picked(&replicas), both);
    // It stops: it says so, and is still there.
    one.serves(false).await;
    replicas.ask().await;
    assert_eq!(picked(&replicas), second);
    two.serves(false).await;
    replicas.ask().await;
    assert_eq!(picked(&replicas), both, "nobody serves: all are tried");
    one.serves(true).await;
    replicas.ask().await;
    assert_eq!(picked(&replicas), first);
    one.stop.cancel();
    two.serves(true).await;
    for _ in 0..50 {
        replicas.ask().await;
        if picked(&replicas) == second {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("who closed its port still gets calls");
}

#[tokio::test]
async fn a_name_is_followed_to_all_of_its_addresses() {
    let one = Process::at(loopback(1, 0)).await;
    let port = one.address.port();
    let (_two, _three) = (Process::at(loopback(2, port)).await, Process::at(loopback(3, port)).await);
    let names = Arc::new(Names::default());
    let address = format!("http://peer.test:{port}/");
    let replicas = Replicas::new(Role::Gateway, vec![place(&address)], names.clone());
    let only = BTreeSet::from([address.clone()]);
    let at = |last: &[u8]| -> BTreeSet<String> {
        last.iter().map(|last| format!("{address} ({})", loopback(*last, port))).collect()
    };
    replicas.look_up().await;
    assert_eq!(picked(&replicas), only, "nobody answers: it stays the name");
    names.now(Some(vec![one.address]));
    let before = replicas.pick(&[]).0;
    replicas.look_up().await;
    assert!(Arc::ptr_eq(&before, &replicas.pick(&[]).0), "one address: the connection stays");
    names.now(Some(vec![loopback(2, port), one.address]));
    replicas.look_up().await;
    replicas.ask().await;
    assert_eq!(picked(&replicas), at(&[1, 2]));
    let kept = replicas.0.all.load_full();
    names.now(Some(vec![loopback(3, port), loopback(2, port)]));
    replicas.look_up().await;
    replicas.ask().await;
    assert_eq!(picked(&replicas), at(&[2, 3]));
    let stays = |replica: &&Arc<Replica>| kept.iter().any(|k| Arc::ptr_eq(k, replica));
    assert_eq!(replicas.0.all.load().iter().filter(stays).count(), 1, "who stays keeps its connection");
    assert!(kept[0].ask().await.serves, "what is under way on an address that is gone goes on");
    for unknown in [None, Some(vec![])] {
        names.now(unknown);
        replicas.look_up().await;
        assert_eq!(picked(&replicas), at(&[2, 3]), "the last known ones stay");
    }
}

#[tokio::test]
async fn who_has_less_to_do_gets_more() {
    let places = ["http://127.0.0.1:1/", "http://127.0.0.1:2/"].map(place).into();
    let replicas = Replicas::new(Role::UsageMetering, places, Arc::new(Names::default()));
    let all = replicas.0.all.load_full();
    let _busy = all[0].busy();
    assert_eq!(picked(&replicas), BTreeSet::from(["http://127.0.0.1:2/".to_owned()]));
    let (next, is_new) = replicas.pick(&[all[1].clone()]);
    assert!(Arc::ptr_eq(&next, &all[0]) && is_new);
    assert!(!replicas.pick(&all).1, "all have been tried");
}

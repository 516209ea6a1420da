//! Which processes of a role can be reached?
//!
//! tonic's balancer gives a call to an address that cannot be reached as readily as to any other (more readily: nothing
//! waits there), and the call fails. So addresses that nobody listens on are taken out until somebody does.

use crate::Tasks;
use futures::future::join_all;
use proto::Role;
use std::{sync::Arc, time::Duration};
use tokio::{
    net::TcpStream,
    sync::{Mutex, mpsc::Sender},
    time::timeout,
};
use tonic::transport::{Endpoint, channel::Change};

/// How often each address is tried.
const EVERY: Duration = Duration::from_secs(1);
/// How long a connection may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// The addresses of one role, where it has several.
#[derive(Clone)]
pub(super) struct Replicas {
    role: Role,
    /// Each with whether the balancer has it.
    addresses: Arc<Mutex<Vec<(Endpoint, bool)>>>,
    changes: Sender<Change<String, Endpoint>>,
}

impl Replicas {
    /// All of them are given to the balancer at once. `changes` has room for them.
    pub fn new(role: Role, endpoints: &[Endpoint], changes: Sender<Change<String, Endpoint>>) -> Self {
        let given = |endpoint: &Endpoint| {
            let sent = changes.try_send(Change::Insert(endpoint.uri().to_string(), endpoint.clone()));
            (endpoint.clone(), sent.is_ok())
        };
        let addresses = endpoints.iter().map(given).collect();
        Self { role, addresses: Arc::new(Mutex::new(addresses)), changes }
    }

    /// Looks after them until the process stops.
    pub fn watch(self, tasks: &Tasks) {
        tasks.every("replicas of a peer", EVERY, move || {
            let replicas = self.clone();
            async move { replicas.round().await }
        });
    }

    /// Tries each address, and takes out and puts back. Where nobody can be reached all of them stay: callers hear at
    /// once that nobody answers, and whoever is back first is found.
    async fn round(&self) {
        let mut addresses = self.addresses.lock().await;
        let answers = join_all(addresses.iter().map(|(endpoint, _)| can_be_reached(endpoint))).await;
        let is_anybody_there = answers.contains(&true);
        for ((endpoint, is_in), answers) in addresses.iter_mut().zip(answers) {
            let belongs_in = answers || !is_anybody_there;
            if *is_in == belongs_in {
                continue;
            }
            let address = endpoint.uri().to_string();
            let change = if belongs_in {
                tracing::info!(role = %self.role, address, reached = answers, "a peer gets calls again");
                Change::Insert(address, endpoint.clone())
            } else {
                tracing::warn!(role = %self.role, address, "a peer cannot be reached: calls go to the others");
                Change::Remove(address)
            };
            // The balancer is gone only when nobody calls any more.
            if self.changes.send(change).await.is_ok() {
                *is_in = belongs_in;
            }
        }
    }
}

async fn can_be_reached(endpoint: &Endpoint) -> bool {
    let uri = endpoint.uri();
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let connected = timeout(PATIENCE, TcpStream::connect((host, uri.port_u16().unwrap_or(80)))).await;
    matches!(connected, Ok(Ok(_)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{net::TcpListener, sync::mpsc};

    fn told(changes: &mut mpsc::Receiver<Change<String, Endpoint>>) -> Vec<String> {
        let text = |change| match change {
            Change::Insert(address, _) => format!("+{address}"),
            Change::Remove(address) => format!("-{address}"),
        };
        std::iter::from_fn(|| changes.try_recv().ok()).map(text).collect()
    }

    async fn listener(at: &str) -> (TcpListener, String) {
        let listener = TcpListener::bind(at).await.expect("a port");
        let address = format!("http://{}/", listener.local_addr().expect("an address"));
        (listener, address)
    }

    #[tokio::test]
    async fn who_cannot_be_reached_is_left_out_until_it_can_and_the_last_ones_stay() {
        let ((one, first), (two, second)) = (listener("127.0.0.1:0").await, listener("127.0.0.1:0").await);
        let endpoints = [&first, &second].map(|address| Endpoint::from_shared(address.clone()).expect("an address"));
        let (sender, mut changes) = mpsc::channel(16);
        let replicas = Replicas::new(Role::Identity, &endpoints, sender);
        assert_eq!(told(&mut changes), [format!("+{first}"), format!("+{second}")]);
        replicas.round().await;
        assert!(told(&mut changes).is_empty(), "both are there");
        let at = one.local_addr().expect("an address").to_string();
        drop(one);
        replicas.round().await;
        assert_eq!(told(&mut changes), [format!("-{first}")]);
        drop(two);
        replicas.round().await;
        assert_eq!(told(&mut changes), [format!("+{first}")], "nobody is there: all are tried");
        let _one = listener(&at).await;
        replicas.round().await;
        assert_eq!(told(&mut changes), [format!("-{second}")]);
    }
}

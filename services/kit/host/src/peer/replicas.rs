//! Which processes run a role, and which of them gets a call?
//!
//! Names are followed: one that stands for several addresses (a headless Service of Kubernetes) is several processes. A
//! process that cannot be reached, or says that it does not serve, gets no calls until it does again: one that stops says
//! so before it closes its port. Calls that it has already go on.

use super::{
    connect::{Connect, target},
    replica::{Replica, Said},
    resolve::Resolve,
};
use crate::Tasks;
use arc_swap::ArcSwap;
use futures::future::join_all;
use proto::Role;
use rand::RngExt as _;
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{sync::Mutex, time::timeout};
use tonic::transport::Endpoint;

/// How often each process is asked.
const ASK: Duration = Duration::from_secs(1);
/// How often names are looked up.
const LOOK_UP: Duration = Duration::from_secs(3);
/// How long that may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// An address of the settings.
pub(super) struct Place {
    endpoint: Endpoint,
    connect: Connect,
    /// What its name stood for when it was last known.
    known: Vec<SocketAddr>,
    replicas: Vec<Arc<Replica>>,
}

impl Place {
    /// Nobody has looked its name up yet.
    pub fn new(endpoint: Endpoint, connect: Connect) -> Self {
        let replicas = vec![Arc::new(Replica::new(&endpoint, &connect, None))];
        Self { endpoint, connect, known: vec![], replicas }
    }

    /// The name to look up, if it is one.
    fn name(&self) -> Option<(String, u16)> {
        let (host, port) = target(self.endpoint.uri());
        // This machine has two addresses, and one of them is enough.
        (host.parse::<IpAddr>().is_err() && host != "localhost").then(|| (host.to_owned(), port))
    }

    /// Takes in what the name stands for now. Whether anything is different.
    fn follow(&mut self, mut found: Vec<SocketAddr>) -> bool {
        found.sort_unstable();
        found.dedup();
        // A name that stands for nothing is a fault more often than the truth: whom we know stays.
        if found.is_empty() || found == self.known {
            return false;
        }
        let was = std::mem::replace(&mut self.known, found);
        // With one address the connection is made by name, and the first look-up says nothing new.
        if was.is_empty() && self.known.len() == 1 {
            return false;
        }
        let at = |at: Option<SocketAddr>| Arc::new(Replica::new(&self.endpoint, &self.connect, at));
        let replicas = if self.known.len() == 1 {
            vec![at(None)]
        } else {
            let old = |address: &SocketAddr| self.replicas.iter().find(|r| r.at() == Some(*address)).cloned();
            self.known.iter().map(|address| old(address).unwrap_or_else(|| at(Some(*address)))).collect()
        };
        self.replicas = replicas;
        true
    }
}

/// The processes of one role. Cheap to clone.
#[derive(Clone)]
pub(super) struct Replicas(Arc<Inner>);

struct Inner {
    role: Role,
    names: Arc<dyn Resolve>,
    places: Mutex<Vec<Place>>,
    /// Never empty.
    all: ArcSwap<Vec<Arc<Replica>>>,
}

impl Replicas {
    /// All of them get calls until they are asked. `places` is not empty.
    pub fn new(role: Role, places: Vec<Place>, names: Arc<dyn Resolve>) -> Self {
        let all = ArcSwap::from_pointee(everybody(&places));
        Self(Arc::new(Inner { role, names, places: Mutex::new(places), all }))
    }

    /// Whose they are.
    pub fn role(&self) -> Role {
        self.0.role
    }

    /// Who gets the next call: the less busy of two of those that want calls and have not been tried. False if all have.
    pub fn pick(&self, tried: &[Arc<Replica>]) -> (Arc<Replica>, bool) {
        let all = self.0.all.load();
        if let ([only], []) = (all.as_slice(), tried) {
            return (only.clone(), true);
        }
        let is_new = |replica: &&Arc<Replica>| !tried.iter().any(|tried| Arc::ptr_eq(tried, replica));
        let new: Vec<_> = all.iter().filter(is_new).collect();
        let wanted: Vec<_> = new.iter().copied().filter(|replica| replica.is_wanted()).collect();
        let any: Vec<_> = all.iter().collect();
        let from = [wanted, new, any].into_iter().find(|some| !some.is_empty()).unwrap_or_default();
        let one = rand::rng().random_range(0..from.len());
        let other = (one + 1 + rand::rng().random_range(0..from.len().max(2) - 1)) % from.len();
        let (one, other) = (from[one], from[other]);
        let picked = if other.under_way() < one.under_way() { other } else { one };
        (picked.clone(), is_new(&picked))
    }

    /// Looks after them until the process stops.
    pub fn watch(&self, tasks: &Tasks) {
        let replicas = self.clone();
        tasks.every("replicas of a peer", ASK, move || {
            let replicas = replicas.clone();
            async move { replicas.ask().await }
        });
        let replicas = self.clone();
        tasks.every("names of a peer", LOOK_UP, move || {
            let replicas = replicas.clone();
            async move { replicas.look_up().await }
        });
    }

    /// Asks each whether it wants calls. Where nobody does all get them: callers hear at once what is wrong, and whoever is
    /// back first is found.
    pub async fn ask(&self) {
        let all = self.0.all.load_full();
        if all.len() == 1 {
            all[0].want(true);
            return;
        }
        let answers = join_all(all.iter().map(|replica| replica.ask())).await;
        let answers: Vec<_> = all.iter().zip(&answers).map(|(replica, said)| replica.believe(said)).collect();
        let nobody = !answers.contains(&true);
        for (replica, wants) in all.iter().zip(answers) {
            if !replica.want(wants || nobody) {
                continue;
            }
            let (role, address) = (self.0.role, replica.address());
            if wants || nobody {
                tracing::info!(%role, address, serves = wants, "a peer gets calls again");
            } else {
                tracing::warn!(%role, address, "a peer cannot be reached, or does not serve: calls go to the others");
            }
        }
    }

    /// What each process says of itself, with where it is: for somebody who wants to know how they are.
    pub async fn survey(&self) -> Vec<(String, Said)> {
        self.look_up().await;
        let all = self.0.all.load_full();
        join_all(all.iter().map(async |replica| (replica.address().to_owned(), replica.ask().await))).await
    }

    /// Looks names up, and gives calls to all processes that they stand for. Calls to those that are gone go on.
    pub async fn look_up(&self) {
        let mut places = self.0.places.lock().await;
        let mut is_different = false;
        for place in &mut *places {
            let Some((host, port)) = place.name() else { continue };
            match timeout(PATIENCE, self.0.names.resolve(host.clone(), port)).await {
                Ok(Ok(found)) => is_different |= place.follow(found),
                Ok(Err(error)) => tracing::debug!(role = %self.0.role, host, %error, "a name is not known"),
                Err(_) => tracing::debug!(role = %self.0.role, host, "a name was not looked up in time"),
            }
        }
        if is_different {
            let all = everybody(&places);
            let addresses: Vec<_> = all.iter().map(|replica| replica.address()).collect();
            tracing::info!(role = %self.0.role, ?addresses, "a peer runs elsewhere now");
            self.0.all.store(Arc::new(all));
        }
    }
}

fn everybody(places: &[Place]) -> Vec<Arc<Replica>> {
    places.iter().flat_map(|place| place.replicas.iter().cloned()).collect()
}

#[cfg(test)]
mod tests;

//! Goes through all orders of the notifications of a stage.
//!
//! What has happened at the provider when a notification comes is as little as can have: everything up to what it tells, and what
//! others that came before it tell. A state of the database and of the provider in which two orders meet goes on in one way only, so
//! it is looked at once: that makes all orders some hundreds of steps, and leaves none out.

use crate::{
    house::{House, config},
    stages::Stage,
    state::{exactly, seen},
};
use billing::{Billing, Deps, SCHEMA, payment::Notification};
use chrono::TimeDelta;
use host::Tasks;
use proto::{
    Call, Role,
    billing::{ReceiveNotificationRequest, ReconcileRequest, Service as _},
};
use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use store::{Backend, Db, Sql, SystemTx};
use tempfile::TempDir;

/// What a workspace has in the end.
pub type Seen = BTreeMap<String, String>;

/// A state, between two notifications.
struct Node<K> {
    /// A database that nobody has open.
    folder: PathBuf,
    kept: K,
    /// So much has happened at the provider.
    happened: usize,
    /// What tells it from other states.
    print: String,
}

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// In how many orders the notifications came.
    pub orders: u64,
    /// What is there in the end, whatever the order.
    pub end: Seen,
    /// How many steps were made for that.
    pub steps: usize,
}

/// What was seen after an event of a state, the first time or again.
type Steps<K> = HashMap<(String, usize, bool), Arc<Node<K>>>;
/// States by what was told, and by what is kept; each with the number of orders that lead to it.
type Layer<K> = BTreeMap<u32, BTreeMap<String, (Arc<Node<K>>, u64)>>;

pub struct Explorer<'a, S: Stage> {
    /// Where the database of the house is.
    begin: PathBuf,
    house: &'a House,
    stage: &'a S,
    call: &'a Call,
    scratch: TempDir,
    made: usize,
    steps: Steps<S::Kept>,
    repaired: HashMap<String, Seen>,
}

impl<'a, S: Stage> Explorer<'a, S> {
    /// Begins with what is there: the charge, of which nothing has been paid.
    pub fn new(begin: PathBuf, house: &'a House, stage: &'a S, call: &'a Call) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        Self { begin, house, stage, call, scratch, made: 0, steps: HashMap::new(), repaired: HashMap::new() }
    }

    /// All orders. Panics where two of them end differently, where something that comes twice changes anything, and where one pass of
    /// reconciliation does not make up for what was lost.
    pub async fn explore(mut self) -> Found {
        let count = S::EVENTS;
        let first = self.first().await;
        let mut layer: Layer<S::Kept> = BTreeMap::new();
        layer.insert(0, [(first.print.clone(), (first, 1))].into());
        for _ in 0..count {
            let mut next: Layer<S::Kept> = BTreeMap::new();
            for (set, states) in layer {
                for (node, orders) in states.into_values() {
                    self.loses_the_rest(&node).await;
                    for event in 0..count {
                        let is_again = set & (1 << event) != 0;
                        let after = self.told(&node, event, is_again).await;
                        if is_again {
                            assert_eq!(after.print, node.print, "{event} again, after {set:#b}");
                            continue;
                        }
                        let states = next.entry(set | 1 << event).or_default();
                        states.entry(after.print.clone()).or_insert((after, 0)).1 += orders;
                    }
                }
            }
            layer = next;
        }
        let states = layer.remove(&((1 << count) - 1)).unwrap();
        let mut found = Found { orders: 0, end: Seen::new(), steps: self.steps.len() };
        for (node, orders) in states.into_values() {
            let end = self.looked_at(&node).await;
            assert!(found.orders == 0 || found.end == end, "two orders end differently: {:?} and {end:?}", found.end);
            assert_eq!(self.repair(&node).await, end, "after everything was told there is nothing to repair");
            found = Found { orders: found.orders + orders, end, ..found };
        }
        let ends: Vec<&Seen> = self.repaired.values().filter(|end| **end != found.end).collect();
        assert!(ends.is_empty(), "what was lost is not made up for: {:?} instead of {:?}", ends[0], found.end);
        found
    }

    async fn first(&mut self) -> Arc<Node<S::Kept>> {
        self.house.database.close().await;
        let folder = self.copy(&self.begin.clone());
        let (db, _) = self.open(&folder).await;
        let node = self.node(db, folder, 0).await;
        Arc::new(node)
    }

    /// A notification comes, or comes again, and is worked off.
    async fn told(&mut self, node: &Arc<Node<S::Kept>>, event: usize, is_again: bool) -> Arc<Node<S::Kept>> {
        let step = (node.print.clone(), event, is_again);
        if let Some(known) = self.steps.get(&step) {
            return known.clone();
        }
        self.stage.put(node.kept.clone());
        let happened = node.happened.max(event + 1);
        (node.happened..happened).for_each(|n| self.stage.happen(n));
        let folder = self.copy(&node.folder);
        let (db, service) = self.open(&folder).await;
        self.remember(&db, event, is_again).await;
        let anonymous = self.house.anonymous();
        // At least once: every one of them comes a second time at once.
        for _ in 0..2 {
            service.receive_notification(&anonymous, self.stage.tells(event)).await.unwrap();
        }
        for _ in 0..2 {
            service.advance().await.unwrap();
        }
        let after = Arc::new(self.node(db, folder, happened).await);
        self.steps.insert(step, after.clone());
        after
    }

    /// Of the notifications that have come a later one depends on nothing but whether it is among them. By which of them this state was
    /// reached first is forgotten.
    async fn remember(&self, db: &Db, event: usize, has_come: bool) {
        let mut tx = SystemTx::begin(db, "choose which notifications have come").await.unwrap();
        let sql = |text| Sql { name: "orders/remember", postgres: text, sqlite: text };
        tx.execute(sql("delete from notifications"), &[]).await.unwrap();
        if has_come {
            let ReceiveNotificationRequest { channel, body, signature, secret } = self.stage.tells(event);
            let (body, at) = (body.to_vec(), self.house.now());
            let told = Notification { channel, body, signature, secret, at };
            let provider = &self.stage.providers()[0];
            let id = provider.verify(&told).unwrap();
            let values = [provider.name().into(), id.into(), told.channel.into(), told.at.into()];
            let text = "insert into notifications (provider, notification_id, channel, body, received_at, look_at, tries) \
                values ($1, $2, $3, '', $4, null, 1)";
            tx.execute(sql(text), &values).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// Whatever has not come never does; everything happens all the same, and then somebody reconciles.
    async fn loses_the_rest(&mut self, node: &Arc<Node<S::Kept>>) {
        if !self.repaired.contains_key(&node.print) {
            let end = self.repair(node).await;
            self.repaired.insert(node.print.clone(), end);
        }
    }

    async fn repair(&mut self, node: &Arc<Node<S::Kept>>) -> Seen {
        self.stage.put(node.kept.clone());
        (node.happened..S::EVENTS).for_each(|n| self.stage.happen(n));
        let folder = self.copy(&node.folder);
        let (db, service) = self.open(&folder).await;
        // The clock stands; what came just now is compared a moment later.
        let now = self.house.now();
        self.house.hand.set(now + TimeDelta::seconds(5));
        let operator = self.house.operator(self.call);
        let found = service.reconcile(&operator, ReconcileRequest::default()).await.unwrap();
        // Mandates it only has asked for, in the round after it.
        service.advance().await.unwrap();
        self.house.hand.set(now);
        let odd: Vec<_> = found.differences.iter().filter(|one| !one.is_explained).collect();
        assert!(odd.is_empty(), "nobody can explain {odd:?}");
        let end = seen(self.house, &service, self.call).await;
        drop(service);
        db.close().await;
        std::fs::remove_dir_all(folder).unwrap();
        end
    }

    async fn looked_at(&mut self, node: &Arc<Node<S::Kept>>) -> Seen {
        let folder = self.copy(&node.folder);
        let (db, service) = self.open(&folder).await;
        let end = seen(self.house, &service, self.call).await;
        db.close().await;
        end
    }

    async fn node(&self, db: Db, folder: PathBuf, happened: usize) -> Node<S::Kept> {
        let kept = self.stage.keep();
        let print = format!("{happened}\n{}\n{}", exactly(&db).await, S::print(&kept));
        db.close().await;
        Node { folder, kept, happened, print }
    }

    fn copy(&mut self, from: &Path) -> PathBuf {
        self.made += 1;
        let to = self.scratch.path().join(self.made.to_string());
        std::fs::create_dir(&to).unwrap();
        for file in std::fs::read_dir(from).unwrap() {
            let file = file.unwrap();
            if file.file_type().unwrap().is_file() {
                std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
            }
        }
        to
    }

    /// A service on a database of its own, which shares the other services and the time with the house, and does nothing by itself.
    async fn open(&self, folder: &Path) -> (Db, Billing) {
        let db = Db::open(&Backend::Sqlite { dir: folder.to_owned() }, &SCHEMA).unwrap();
        let tasks = Tasks::new();
        tasks.shutdown(Duration::ZERO).await;
        let deps = Deps {
            db: db.clone(),
            workspaces: self.house.workspaces.called_by(Role::Billing),
            usage: self.house.usage.called_by(Role::Billing),
            providers: self.stage.providers(),
            letters: None,
            clock: self.house.clock.clone(),
            ids: self.house.ids.clone(),
            tasks,
        };
        (db, Billing::new(config(), deps).unwrap())
    }
}

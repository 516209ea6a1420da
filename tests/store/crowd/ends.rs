//! What has become of each transaction, as far as whoever ran it knows.

use proto::id::WorkspaceId;
use std::{
    collections::{HashMap, HashSet},
    fmt,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

/// How transactions have ended. What is in none of the sets has not happened.
#[derive(Default)]
pub struct Ends {
    committed: Mutex<HashSet<u64>>,
    /// Those that were left, or failed, while they committed: nobody can know.
    unsure: Mutex<HashSet<u64>>,
    panicked: AtomicU64,
    left: AtomicU64,
    given_up: AtomicU64,
}

impl Ends {
    pub fn commits(&self, number: u64) {
        self.unsure.lock().unwrap_or_else(PoisonError::into_inner).insert(number);
    }

    pub fn committed(&self, number: u64) {
        self.unsure.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
        self.committed.lock().unwrap_or_else(PoisonError::into_inner).insert(number);
    }

    pub fn panicked(&self) {
        self.panicked.fetch_add(1, Relaxed);
    }

    pub fn left(&self) {
        self.left.fetch_add(1, Relaxed);
    }

    pub fn gave_up(&self) {
        self.given_up.fetch_add(1, Relaxed);
    }

    /// Compares it with the rows that are there: one for each transaction that committed, under the tenant whose it was.
    pub fn check(&self, rows: &[(WorkspaceId, String)], tenants: &[WorkspaceId]) {
        let committed = self.committed.lock().unwrap_or_else(PoisonError::into_inner);
        let unsure = self.unsure.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = HashMap::new();
        for (workspace, name) in rows {
            let (tenant, number) = name.split_once(' ').expect("a name that a transaction wrote");
            let (tenant, number): (usize, u64) = (tenant.parse().unwrap(), number.parse().unwrap());
            assert_eq!(*workspace, tenants[tenant], "transaction {number} wrote for somebody else");
            assert!(
                committed.contains(&number) || unsure.contains(&number),
                "transaction {number} was undone, and is there"
            );
            assert!(found.insert(number, tenant).is_none(), "transaction {number} is there twice");
        }
        let lost: Vec<_> = committed.iter().filter(|number| !found.contains_key(number)).collect();
        assert!(lost.is_empty(), "{} transactions have committed and are not there: {lost:?}", lost.len());
        assert!(committed.len() > 1_000, "only {} transactions have committed", committed.len());
    }
}

impl fmt::Display for Ends {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let committed = self.committed.lock().unwrap_or_else(PoisonError::into_inner).len();
        let unsure = self.unsure.lock().unwrap_or_else(PoisonError::into_inner).len();
        let [panicked, left, given_up] = [&self.panicked, &self.left, &self.given_up].map(|n| n.load(Relaxed));
        write!(
            f,
            "{committed} committed, {unsure} left while they did, {left} left in all, {given_up} given up, {panicked} panicked"
        )
    }
}

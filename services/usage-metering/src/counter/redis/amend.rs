//! How does a quota hear of what was settled late?

use super::Redis;
use crate::{grant::GrantKey, limit::Limit};
use std::sync::PoisonError;

/// What waits for Redis to come back. What falls out counts when its quota is loaded again.
const MAX_WAITING: usize = 10_000;

/// One change of one quota.
pub(super) struct Amend {
    key: GrantKey,
    limit: Limit,
    by: i64,
}

impl Redis {
    /// Changes what a grant has used of a quota, once for each grant.
    pub async fn amend(&self, key: &GrantKey, limit: &Limit, by: i64) {
        let amend = Amend { key: *key, limit: limit.clone(), by };
        // What was used less is not told later: the quota may have been read again meanwhile, with it.
        if !self.tell(&amend).await && by > 0 {
            self.amend_later(amend, false);
        }
    }

    /// Tells what could not be told. Stops at the first that fails again.
    pub(super) async fn retry_amends(&self) {
        loop {
            let amend = self.amends.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            let Some(amend) = amend else { return };
            if !self.tell(&amend).await {
                return self.amend_later(amend, true);
            }
        }
    }

    async fn tell(&self, Amend { key, limit, by }: &Amend) -> bool {
        let args = ["amend".to_owned(), by.to_string(), key.grant_id()];
        self.quota(key.workspace, limit, &args).await.is_ok()
    }

    fn amend_later(&self, amend: Amend, is_first: bool) {
        let mut amends = self.amends.lock().unwrap_or_else(PoisonError::into_inner);
        if is_first {
            return amends.push_front(amend);
        }
        if amends.len() >= MAX_WAITING {
            amends.pop_front();
        }
        amends.push_back(amend);
    }
}

//! What does an attempt cost?
//!
//! A catalogue (built in, or a file that is watched) and what each workspace agreed on. Prices are whole numbers from
//! text to row; an amount is rounded once, half to even. What has no price is unknown, which is not zero.

mod agreed;
mod amount;
mod catalogue;
mod decimal;
mod document;
mod exchange;
mod file;
mod overrides;
mod refresh;
#[cfg(test)]
mod tests;
mod unit;

pub(crate) use catalogue::Catalogue;
pub(crate) use decimal::percent;
pub(crate) use overrides::{Agreed, Agreement};
pub(crate) use refresh::load;

use crate::{service::Inner, units::Used};
use amount::Amount;
use arc_swap::ArcSwap;
use catalogue::Price;
use chrono::{DateTime, Utc};
use host::Tasks;
use proto::usage::Units;
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use uuid::Uuid;

/// Called with a credential of the platform.
pub(crate) const PLATFORM: &str = "platform";
/// Called with a credential of the workspace's own.
pub(crate) const WORKSPACE: &str = "workspace";
/// Answered by the simulator.
pub(crate) const SIMULATOR: &str = "simulator";
/// The version of what is free by itself.
const FREE: &str = "free";

/// All prices of this process. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Prices {
    shared: Arc<Shared>,
}

struct Shared {
    catalogue: ArcSwap<Catalogue>,
    /// By workspace.
    agreements: ArcSwap<HashMap<Uuid, Arc<Agreement>>>,
    /// Whether the agreements have been read.
    loaded: AtomicBool,
    /// What is added to list prices for the platform's credentials, in hundredths of a percent.
    platform_markup: u32,
}

/// What is priced.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    pub workspace: Uuid,
    pub provider_kind: &'a str,
    pub model: &'a str,
    /// `workspace`, `platform` or `simulator`.
    pub credential_owner: &'a str,
    /// When the request arrived.
    pub at: DateTime<Utc>,
}

/// The most that an attempt may cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    /// Explicitly nothing.
    Free,
    /// Nano-units of `currency`: `list` by the catalogue alone (absent where it has none in this currency), `cost`
    /// with what the workspace agreed on and the markup.
    Nanos { list: Option<i64>, cost: i64, currency: Arc<str> },
    /// There is no price.
    Unknown,
}

/// What an attempt costs, in nano-units of `currency`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rated {
    /// By the catalogue alone; absent where it has no price in this currency.
    pub list: Option<i64>,
    pub cost: i64,
    /// Empty where it is free: nothing is nothing in any currency.
    pub currency: Arc<str>,
    pub version: Arc<str>,
    /// It is billed by something else than tokens.
    pub by_units: bool,
}

/// Follows the file of prices and what workspaces agree on, until the process stops.
pub(crate) fn start(inner: &Inner, tasks: &Tasks) {
    refresh::follow(&inner.prices, &inner.db, &inner.clock, tasks);
    if let Some(path) = inner.config.prices_path() {
        let every = Duration::from_secs(inner.config.prices_check_seconds.max(1));
        file::watch(&inner.prices, path.to_owned(), every, &inner.metrics, tasks);
    }
}

impl Prices {
    /// `platform_markup`: in hundredths of a percent.
    pub fn new(catalogue: Catalogue, platform_markup: u32) -> Self {
        let shared = Shared {
            catalogue: ArcSwap::from_pointee(catalogue),
            agreements: ArcSwap::default(),
            loaded: AtomicBool::new(false),
            platform_markup,
        };
        Self { shared: Arc::new(shared) }
    }

    /// What `used` costs. None: there is no price for something of it.
    pub fn rate(&self, subject: Subject<'_>, used: &Used) -> Option<Rated> {
        self.priced(subject, &used.units, |price| price.cost(used, subject.at))
    }

    /// The most that so many tokens of input and output cost, whatever their buckets, with what is asked beside them.
    pub fn bound(&self, subject: Subject<'_>, input_tokens: i64, output_tokens: i64, asked: &Units) -> Bound {
        match self.priced(subject, asked, |price| price.most(input_tokens, output_tokens, asked)) {
            None => Bound::Unknown,
            Some(Rated { currency, .. }) if currency.is_empty() => Bound::Free,
            Some(Rated { list, cost, currency, .. }) => Bound::Nanos { list, cost, currency },
        }
    }

    /// An amount in another currency, by the newest rate that was known `at` then. None: there is none.
    pub fn convert(&self, nanos: i64, from: &str, to: &str, at: DateTime<Utc>) -> Option<i64> {
        self.shared.catalogue.load().exchange.convert(nanos, from, to, at.date_naive())
    }

    /// Replaces the catalogue.
    pub fn replace(&self, catalogue: Catalogue) {
        self.shared.catalogue.store(Arc::new(catalogue));
    }

    fn priced(&self, subject: Subject<'_>, used: &Units, count: impl Fn(&Price) -> Option<Amount>) -> Option<Rated> {
        if subject.credential_owner == SIMULATOR {
            let (currency, version) = ("".into(), FREE.into());
            return Some(Rated { list: Some(0), cost: 0, currency, version, by_units: false });
        }
        let catalogue = self.shared.catalogue.load();
        let listed = catalogue.find(subject.provider_kind, subject.model, subject.at);
        let platform = subject.credential_owner == PLATFORM;
        let agreements = self.shared.agreements.load();
        // What a workspace says of prices is about its own credentials; the platform's are the operator's to price.
        let agreement = agreements.get(&subject.workspace).filter(|_| !platform);
        let agreed = agreement.and_then(|a| a.find(subject.provider_kind, subject.model, subject.at));
        let price = agreed.or(listed)?;
        let markup = if platform { self.shared.platform_markup } else { agreement.map_or(0, |a| a.markup()) };
        let list = listed.filter(|l| price.is_free() || l.is_free() || l.currency == price.currency);
        Some(Rated {
            list: list.and_then(&count).map(|amount| amount.nanos(0)),
            cost: count(price)?.nanos(markup),
            currency: price.currency.clone(),
            version: match agreement {
                Some(agreement) => format!("{}+{}", catalogue.version, agreement.version()).into(),
                None => catalogue.version.clone(),
            },
            by_units: price.sells(used),
        })
    }

    /// Whether what workspaces agreed on is known.
    fn is_loaded(&self) -> bool {
        self.shared.loaded.load(Ordering::Acquire)
    }

    /// Takes over what was read or written.
    fn agree(&self, changed: impl IntoIterator<Item = (Uuid, Agreement)>) {
        let changed: Vec<_> = changed.into_iter().map(|(id, agreement)| (id, Arc::new(agreement))).collect();
        if !changed.is_empty() {
            self.shared.agreements.rcu(|before| {
                let mut after = HashMap::clone(before);
                after.extend(changed.iter().cloned());
                after
            });
        }
        self.shared.loaded.store(true, Ordering::Release);
    }
}

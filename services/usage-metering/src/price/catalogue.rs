//! Which price holds for a model at a time?

use super::{amount::Amount, exchange::Exchange, unit::Units};
use crate::{tokens, units::Used};
use chrono::{DateTime, Timelike as _, Utc};
use proto::usage::Units as UsedUnits;
use std::{collections::HashMap, sync::Arc};

/// Stands for every model of a kind that is not named.
const ANY: &str = "*";

/// Every price that holds for everybody, and exchange rates.
#[derive(Debug)]
pub(crate) struct Catalogue {
    /// Changes whenever anything in it does.
    pub version: Arc<str>,
    pub(super) listing: Listing,
    pub(super) exchange: Exchange,
}

/// Prices by kind of provider and name of the model.
#[derive(Clone, Debug, Default)]
pub(super) struct Listing {
    kinds: HashMap<String, HashMap<String, Vec<Arc<Price>>>>,
}

/// What one model costs from one time until another.
#[derive(Debug)]
pub(super) struct Price {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    /// Empty: it is free.
    pub currency: Arc<str>,
    pub units: Units,
    /// Above so much input, ascending: the price of the whole attempt.
    pub tiers: Vec<(i64, Units)>,
    /// Between these seconds of the day, UTC; the second may be less, then it is of the next day.
    pub windows: Vec<(u32, u32, Units)>,
}

impl Catalogue {
    pub(super) fn find(&self, kind: &str, model: &str, at: DateTime<Utc>) -> Option<&Price> {
        self.listing.find(kind, model, at)
    }
}

impl Listing {
    /// Errors: a sentence, when the name has a price at the same time already.
    pub fn insert(&mut self, kind: &str, name: &str, price: Arc<Price>) -> Result<(), String> {
        let prices = self.kinds.entry(kind.to_owned()).or_default().entry(name.to_owned()).or_default();
        if prices.iter().any(|other| other.from < price.to && price.from < other.to) {
            return Err(format!("{kind}/{name} has two prices at the same time: give the older one an end"));
        }
        prices.push(price);
        Ok(())
    }

    /// Takes the prices of `over` for every name that it knows.
    pub fn extend(&mut self, over: Self) {
        for (kind, models) in over.kinds {
            self.kinds.entry(kind).or_default().extend(models);
        }
    }

    pub fn find(&self, kind: &str, model: &str, at: DateTime<Utc>) -> Option<&Price> {
        let models = self.kinds.get(kind)?;
        let holds = |price: &&Arc<Price>| price.from <= at && at < price.to;
        let named = |name: &str| models.get(name).and_then(|prices| prices.iter().find(holds)).map(Arc::as_ref);
        named(model).or_else(|| named(ANY))
    }

    /// How many names of a kind have a price.
    #[cfg(test)]
    pub fn models(&self, kind: &str) -> usize {
        self.kinds.get(kind).map_or(0, HashMap::len)
    }

    /// How many names have a price.
    pub fn len(&self) -> usize {
        self.kinds.values().map(HashMap::len).sum()
    }
}

impl Price {
    pub fn is_free(&self) -> bool {
        self.currency.is_empty()
    }

    /// None: something that was used has no price.
    pub fn cost(&self, used: &Used, at: DateTime<Utc>) -> Option<Amount> {
        if self.is_free() {
            return Some(Amount::default());
        }
        let second = at.num_seconds_from_midnight();
        let window = self.windows.iter().find(|(from, to, _)| within(*from, *to, second)).map(|(_, _, units)| units);
        let input = tokens::input(&used.tokens);
        let tier = || self.tiers.iter().rev().find(|(above, _)| input > *above).map(|(_, units)| units);
        window.or_else(tier).unwrap_or(&self.units).cost(used)
    }

    /// Whether what was used is billed by something else than tokens.
    pub fn sells(&self, used: &UsedUnits) -> bool {
        self.units.sells(used)
    }

    /// The most that it may cost, at any time of the day, with what is asked beside tokens.
    pub fn most(&self, input: i64, output: i64, asked: &UsedUnits) -> Option<Amount> {
        if self.is_free() {
            return Some(Amount::default());
        }
        let tiers = self.tiers.iter().filter(|(above, _)| input > *above).map(|(_, units)| units);
        let each = std::iter::once(&self.units).chain(tiers).chain(self.windows.iter().map(|(_, _, units)| units));
        each.filter_map(|units| units.most(input, output, asked)).max_by_key(|amount| amount.0)
    }
}

const fn within(from: u32, to: u32, second: u32) -> bool {
    if from <= to { from <= second && second < to } else { second >= from || second < to }
}

//! How do rows become sums that people read?

use crate::units::UnitColumns;
use chrono::{DateTime, Utc};
use proto::{
    money::Nanos,
    usage::{Cost, SummaryCost, Tokens, UsageSums},
};
use std::collections::BTreeMap;

store::row! {
    /// Sums of one piece of a period, by step, value and currency.
    pub(super) struct SumRow {
        pub step: DateTime<Utc>,
        pub value: String,
        currency: String,
        requests: i64,
        attempts: i64,
        failed: i64,
        input_tokens: i64,
        cache_read_tokens: i64,
        cache_write_5m_tokens: i64,
        cache_write_1h_tokens: i64,
        audio_input_tokens: i64,
        image_input_tokens: i64,
        output_tokens: i64,
        audio_output_tokens: i64,
        image_output_tokens: i64,
        reasoning_tokens: i64,
        images: i64,
        audio_ms: i64,
        characters: i64,
        searches: i64,
        cost_nanos: i64,
        list_cost_nanos: i64,
        priced: i64,
        unpriced: i64,
    }
}

/// Sums while rows are being added.
#[derive(Clone, Debug, Default)]
pub(super) struct Sums {
    requests: i64,
    attempts: i64,
    failed: i64,
    unpriced: i64,
    tokens: Tokens,
    units: UnitColumns,
    /// By currency.
    spent: BTreeMap<String, Spent>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Spent {
    cost: Nanos,
    list_cost: Nanos,
    attempts: i64,
}

impl Sums {
    pub fn add(&mut self, row: &SumRow) {
        self.requests += row.requests;
        self.attempts += row.attempts;
        self.failed += row.failed;
        self.unpriced += row.unpriced;
        let tokens = Tokens {
            input: row.input_tokens,
            cache_read: row.cache_read_tokens,
            cache_write_5m: row.cache_write_5m_tokens,
            cache_write_1h: row.cache_write_1h_tokens,
            audio_input: row.audio_input_tokens,
            image_input: row.image_input_tokens,
            output: row.output_tokens,
            audio_output: row.audio_output_tokens,
            image_output: row.image_output_tokens,
            reasoning: row.reasoning_tokens,
        };
        self.tokens = crate::tokens::plus(&self.tokens, &tokens);
        let SumRow { images, audio_ms, characters, searches, .. } = *row;
        self.units = self.units.plus(UnitColumns { images, audio_ms, characters, searches });
        if row.priced != 0 || row.cost_nanos != 0 {
            let spent = self.spent.entry(row.currency.clone()).or_default();
            spent.cost = Nanos(spent.cost.0.saturating_add(row.cost_nanos));
            spent.list_cost = Nanos(spent.list_cost.0.saturating_add(row.list_cost_nanos));
            spent.attempts += row.priced;
        }
    }

    pub fn finish(&self, currency: &str) -> UsageSums {
        let t = &self.tokens;
        let others = self.spent.iter().filter(|(other, _)| *other != currency);
        UsageSums {
            requests: self.requests,
            attempts: self.attempts,
            failed_attempts: self.failed,
            unpriced_attempts: self.unpriced,
            input_tokens: t.input + t.cache_read + t.cache_write_5m + t.cache_write_1h + t.audio_input + t.image_input,
            output_tokens: t.output + t.audio_output + t.image_output,
            tokens: Some(self.tokens),
            cost_micros: self.spent.get(currency).map(|spent| spent.cost.to_micros()),
            other_costs: others
                .map(|(other, spent)| Cost { currency: other.clone(), cost_micros: spent.cost.to_micros() })
                .collect(),
            units: self.units.told(),
        }
    }

    /// What was spent in each currency.
    pub fn costs(&self) -> Vec<SummaryCost> {
        let cost = |(currency, spent): (&String, &Spent)| SummaryCost {
            currency: currency.clone(),
            cost_micros: spent.cost.to_micros(),
            list_cost_micros: spent.list_cost.to_micros(),
        };
        self.spent.iter().map(cost).collect()
    }
}

/// The currency in which an answer is: that of most priced attempts. Empty where nothing is priced.
pub(super) fn currency<'a>(all: impl Iterator<Item = &'a Sums>) -> String {
    let mut priced: BTreeMap<&str, i64> = BTreeMap::new();
    for (currency, spent) in all.flat_map(|sums| &sums.spent) {
        *priced.entry(currency).or_default() += spent.attempts;
    }
    priced
        .into_iter()
        .rev()
        .max_by_key(|(_, attempts)| *attempts)
        .map(|(currency, _)| currency.to_owned())
        .unwrap_or_default()
}

//! How is a document with prices read?
//!
//! The built-in ones and `usage.prices_file` have one form. Everything in it is checked before any of it is used.

use super::{
    Catalogue,
    catalogue::{Listing, Price},
    exchange::{Exchange, RatesText, is_currency},
    unit::{UnitTexts, Units},
};
use chrono::{DateTime, NaiveDate, NaiveTime, Timelike as _, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// The prices of this release. They are data: see `prices/README.md`.
const BUILT_IN: &[&str] = &[
    include_str!("../../prices/anthropic.json"),
    include_str!("../../prices/azure.json"),
    include_str!("../../prices/cohere.json"),
    include_str!("../../prices/deepseek.json"),
    include_str!("../../prices/fireworks.json"),
    include_str!("../../prices/gemini.json"),
    include_str!("../../prices/groq.json"),
    include_str!("../../prices/mistral.json"),
    include_str!("../../prices/openai.json"),
    include_str!("../../prices/openrouter.json"),
    include_str!("../../prices/together.json"),
    include_str!("../../prices/xai.json"),
];

/// `usage.prices_file`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// What operators call it; the rows name it.
    version: String,
    /// Whether what this file does not name has its built-in price.
    #[serde(default)]
    extends_built_in: bool,
    #[serde(default)]
    providers: Vec<Provider>,
    #[serde(default)]
    exchange_rates: Vec<RatesText>,
}

/// What the models of one kind of provider cost.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Provider {
    kind: String,
    currency: String,
    /// Where the prices are from unless a model says otherwise, and when they were looked up.
    #[expect(dead_code, reason = "for whoever reads the document; that it is there is checked by reading it")]
    source: String,
    #[expect(dead_code, reason = "for whoever reads the document; that it is there is checked by reading it")]
    date: NaiveDate,
    models: Vec<PriceText>,
}

/// What one model costs, of a document.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PriceText {
    /// Of the model, as the provider knows it; `*` stands for all that have no price of their own.
    pub names: Vec<String>,
    /// A date or a time, UTC. Absent: since ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// A date or a time, UTC, exclusive. Absent: until further notice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Explicitly nothing. Then there are no prices.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub free: bool,
    #[serde(default)]
    pub prices: UnitTexts,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<TierText>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub windows: Vec<WindowText>,
    /// Where this one is from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// Which of several sources was taken, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Prices of the whole attempt when its input is longer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TierText {
    /// In tokens, all input counted.
    pub above_input: i64,
    pub prices: UnitTexts,
}

/// Prices between two times of the day, UTC.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WindowText {
    /// `16:30`
    pub from: String,
    /// Exclusive; earlier than `from`: of the next day.
    pub to: String,
    pub prices: UnitTexts,
}

/// The catalogue of this release. Errors: what is wrong with it, which a test finds first.
pub(super) fn built_in() -> Result<Catalogue, String> {
    let mut listing = Listing::default();
    let mut digest = Sha256::new();
    for text in BUILT_IN {
        let provider: Provider = serde_json::from_str(text).map_err(|error| error.to_string())?;
        add(&mut listing, &provider)?;
        digest.update(text);
    }
    let version = format!("built-in-{}", short(digest)).into();
    // No rates: one that is old makes wrong budgets, and a wrong rate is worse than none.
    Ok(Catalogue { version, listing, exchange: Exchange::default() })
}

/// Errors: one sentence that says what is wrong and where.
pub(super) fn file(text: &str) -> Result<Catalogue, String> {
    let file: File = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if file.version.is_empty() || file.version.len() > 64 {
        return Err("version must be a name of at most 64 bytes".to_owned());
    }
    let mut listing = Listing::default();
    for provider in &file.providers {
        add(&mut listing, provider)?;
    }
    let mut catalogue = Catalogue {
        version: format!("{}-{}", file.version, short(Sha256::new_with_prefix(text))).into(),
        listing,
        exchange: Exchange::read(&file.exchange_rates)?,
    };
    if file.extends_built_in {
        let Catalogue { mut listing, .. } = built_in()?;
        listing.extend(catalogue.listing);
        catalogue.listing = listing;
    }
    Ok(catalogue)
}

fn add(listing: &mut Listing, provider: &Provider) -> Result<(), String> {
    provider.models.iter().try_for_each(|text| insert(listing, &provider.kind, &provider.currency, text))
}

/// Adds the price of `text` under each of its names. Errors: one sentence that says what is wrong and where.
pub(super) fn insert(listing: &mut Listing, kind: &str, currency: &str, text: &PriceText) -> Result<(), String> {
    let named = |problem: String| format!("{kind}/{}: {problem}", text.names.first().map_or("", String::as_str));
    if kind.is_empty() || text.names.is_empty() || text.names.iter().any(String::is_empty) {
        return Err(named("a price needs a kind of provider and the names of its models".to_owned()));
    }
    let price = Arc::new(price(currency, text).map_err(named)?);
    text.names.iter().try_for_each(|name| listing.insert(kind, name, price.clone()))
}

fn price(currency: &str, text: &PriceText) -> Result<Price, String> {
    if !is_currency(currency) {
        return Err(format!("{currency:?} is no currency such as USD"));
    }
    let units = text.prices.units(&Units::default())?;
    if text.free != units.is_empty() || text.free && !(text.tiers.is_empty() && text.windows.is_empty()) {
        return Err("it is free, or it has prices: not both, and one of them".to_owned());
    }
    let (from, to) =
        (time(text.from.as_deref(), DateTime::<Utc>::MIN_UTC)?, time(text.to.as_deref(), DateTime::<Utc>::MAX_UTC)?);
    if from >= to {
        return Err("`from` must be earlier than `to`".to_owned());
    }
    let mut tiers = vec![];
    for tier in &text.tiers {
        if tier.above_input <= tiers.last().map_or(0, |(above, _)| *above) {
            return Err("`above_input` must be positive and rise from tier to tier".to_owned());
        }
        tiers.push((tier.above_input, tier.prices.units(&units)?));
    }
    let mut windows = vec![];
    for window in &text.windows {
        windows.push((second(&window.from)?, second(&window.to)?, window.prices.units(&units)?));
    }
    let currency = if text.free { "" } else { currency }.into();
    Ok(Price { from, to, currency, units, tiers, windows })
}

fn time(text: Option<&str>, otherwise: DateTime<Utc>) -> Result<DateTime<Utc>, String> {
    let Some(text) = text else { return Ok(otherwise) };
    let date = text.parse::<NaiveDate>().map(|date| date.and_time(NaiveTime::MIN).and_utc());
    date.or_else(|_| text.parse())
        .map_err(|_| format!("{text:?} must be a date such as 2026-08-21, or a time such as 2026-08-21T16:00:00Z"))
}

fn second(text: &str) -> Result<u32, String> {
    let time =
        NaiveTime::parse_from_str(text, "%H:%M").map_err(|_| format!("{text:?} must be a time such as 16:30"))?;
    Ok(time.num_seconds_from_midnight())
}

/// What a digest is called in versions.
pub(super) fn short(digest: Sha256) -> String {
    digest.finalize()[..4].iter().map(|byte| format!("{byte:02x}")).collect()
}

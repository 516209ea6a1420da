//! What did a workspace agree on with its providers?

use super::{
    catalogue::{Listing, Price},
    decimal,
    document::{self, PriceText},
    unit::UnitTexts,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Prices that one workspace may set.
const MAX_PRICES: usize = 500;
/// Names of models that one price may be for.
const MAX_NAMES: usize = 50;

/// The document of a workspace: what its own credentials pay. It is replaced as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Agreed {
    /// What it adds to every price, in percent, such as `12.5`; empty: nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub markup_percent: String,
    #[serde(default)]
    pub prices: Vec<AgreedPrice>,
}

/// What some models of one kind of provider cost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgreedPrice {
    pub provider: String,
    pub models: Vec<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub currency: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub free: bool,
    #[serde(default)]
    pub prices: UnitTexts,
}

/// A document that has been read.
#[derive(Debug)]
pub(crate) struct Agreement {
    listing: Listing,
    markup: u32,
    version: String,
}

impl Agreement {
    /// Errors: the field, and what is wrong with it.
    pub fn read(agreed: &Agreed) -> Result<Self, (String, String)> {
        let markup = match agreed.markup_percent.as_str() {
            "" => 0,
            text => decimal::percent(text).ok_or_else(|| {
                let problem = "must be a percentage from 0 to 1000 with at most two digits after the point";
                ("markup_percent".to_owned(), problem.to_owned())
            })?,
        };
        if agreed.prices.len() > MAX_PRICES {
            return Err(("prices".to_owned(), format!("must be at most {MAX_PRICES}")));
        }
        let mut listing = Listing::default();
        for (n, price) in agreed.prices.iter().enumerate() {
            price.add_to(&mut listing).map_err(|problem| (format!("prices[{n}]"), problem))?;
        }
        let text = serde_json::to_string(agreed).map_err(|error| ("prices".to_owned(), error.to_string()))?;
        Ok(Self { listing, markup, version: document::short(Sha256::new_with_prefix(text)) })
    }

    pub(super) fn find(&self, kind: &str, model: &str, at: DateTime<Utc>) -> Option<&Price> {
        self.listing.find(kind, model, at)
    }

    /// In hundredths of a percent.
    pub(super) const fn markup(&self) -> u32 {
        self.markup
    }

    pub(super) fn version(&self) -> &str {
        &self.version
    }
}

impl AgreedPrice {
    fn add_to(&self, listing: &mut Listing) -> Result<(), String> {
        if self.models.len() > MAX_NAMES {
            return Err(format!("models must be at most {MAX_NAMES}"));
        }
        let text = PriceText {
            names: self.models.clone(),
            from: self.from.clone(),
            to: self.to.clone(),
            free: self.free,
            prices: self.prices.clone(),
            tiers: vec![],
            windows: vec![],
            source: None,
            note: None,
        };
        // ISO 4217's code for no currency: what is free is in none.
        let currency = if self.free { "XXX" } else { &self.currency };
        document::insert(listing, &self.provider, currency, &text)
    }
}

//! A plan as files and tables have it.

use proto::{
    billing::{Plan, Price, UsageTerms},
    entitlement,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// What a version of a plan says, without its number.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Document {
    pub name: String,
    pub titles: BTreeMap<String, String>,
    pub prices: Vec<Cost>,
    pub trial_days: i32,
    /// See [`proto::entitlement`].
    pub entitlements: BTreeMap<String, serde_json::Value>,
    pub hidden: bool,
    /// None: usage is not charged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Terms>,
    /// How many of it can be subscribed to at once. None: it is sold as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_quantity: Option<i64>,
    /// Keys of entitlements that multiply with the quantity.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub scaled_entitlements: BTreeSet<String>,
}

/// [`UsageTerms`]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Terms {
    pub markup_percent: String,
    pub included: BTreeMap<String, i64>,
}

/// A [`Price`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Cost {
    pub currency: String,
    pub interval: String,
    pub unit_amount: i64,
}

impl Document {
    /// What tells two versions apart.
    pub fn digest(&self) -> String {
        let mut sorted = self.clone();
        sorted.prices.sort();
        hex::encode(Sha256::digest(serde_json::json!(sorted).to_string()))
    }
}

impl From<Plan> for Document {
    fn from(plan: Plan) -> Self {
        let cost = |Price { currency, interval, unit_amount }| Cost { currency, interval, unit_amount };
        Self {
            name: plan.name,
            titles: plan.titles.into_iter().collect(),
            prices: plan.prices.into_iter().map(cost).collect(),
            trial_days: plan.trial_days,
            entitlements: plan
                .entitlements
                .iter()
                .map(|(key, value)| (key.clone(), entitlement::write(value)))
                .collect(),
            hidden: plan.is_hidden,
            usage: plan.usage.map(|UsageTerms { markup_percent, included }| Terms { markup_percent, included }),
            max_quantity: Some(plan.max_quantity).filter(|most| !matches!(most, 0 | 1)),
            scaled_entitlements: plan.scaled_entitlements.into_iter().collect(),
        }
    }
}

impl From<Document> for Plan {
    fn from(document: Document) -> Self {
        let price = |Cost { currency, interval, unit_amount }| Price { currency, interval, unit_amount };
        let known = |(key, value): (String, serde_json::Value)| Some((key, entitlement::read(&value)?));
        Self {
            name: document.name,
            titles: document.titles,
            prices: document.prices.into_iter().map(price).collect(),
            trial_days: document.trial_days,
            entitlements: document.entitlements.into_iter().filter_map(known).collect(),
            is_hidden: document.hidden,
            usage: document.usage.map(|Terms { markup_percent, included }| UsageTerms { markup_percent, included }),
            max_quantity: document.max_quantity.unwrap_or(1),
            scaled_entitlements: document.scaled_entitlements.into_iter().collect(),
            ..Self::default()
        }
    }
}

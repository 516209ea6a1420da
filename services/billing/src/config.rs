//! Settings of this service.

mod issuer;
mod letters;
mod tax;

pub use issuer::Issuer;
pub use letters::Letters;
pub use tax::Tax;

use crate::{Error, efi, money::MAX_AMOUNT, stripe};
use proto::entitlement::Table;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::PathBuf};

/// `billing` in the configuration.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The plan of workspaces without a subscription.
    pub default_plan: String,
    /// A file with the plans of this installation instead of the shipped ones; its form is that of
    /// `services/billing/plans/shipped.json`. Read at the start.
    pub plans_file: Option<PathBuf>,
    /// For how many days a plan goes on when a payment is late, 0 to 90.
    pub grace_days: u32,
    /// Who issues invoices. Without a name nothing is invoiced, and nothing that has to be paid is sold.
    pub issuer: Issuer,
    /// Taxes on invoices.
    pub taxes: Vec<Tax>,
    /// Within how many days an invoice for a period is to be paid, 0 to 90.
    pub net_days: u32,
    /// For how many hours a change of the plan waits for its payment, 1 to 720.
    pub checkout_hours: u32,
    /// How to pay without a provider, such as by bank transfer, by language: at least `en`. An operator writes down what has
    /// come. Empty: it is not offered.
    pub payment_instructions: BTreeMap<String, String>,
    /// Where providers of payments may send browsers afterwards: addresses with which `success_url`, `cancel_url` and `return_url`
    /// have to begin, such as `https://app.example.com`. Empty: every https address.
    pub return_urls: Vec<String>,
    /// Letters to who pays.
    pub letters: Letters,
    /// Prepaid credits.
    pub credits: Credits,
    /// Stripe: cards.
    pub stripe: stripe::Config,
    /// Efí (formerly Gerencianet): PIX and boleto.
    pub efi: efi::Config,
    /// What `usage.plans` allows. A plan that says nothing of its own has it.
    #[serde(skip)]
    pub usage: BTreeMap<String, Table>,
}

impl Config {
    /// Errors: [`Error::Settings`].
    pub(crate) fn check(&self) -> Result<(), Error> {
        let takes_money = self.takes_transfers() || self.stripe.is_on() || self.efi.is_on();
        let problem = [
            (self.grace_days > 90, "billing.grace_days must be 0 to 90"),
            (self.net_days > 90, "billing.net_days must be 0 to 90"),
            (!(1..=720).contains(&self.checkout_hours), "billing.checkout_hours must be 1 to 720"),
            (takes_money && self.issuer.name.is_empty(), "billing.issuer.name is needed to take payments"),
            (
                self.takes_transfers() && !self.payment_instructions.contains_key("en"),
                "billing.payment_instructions must have a text in en",
            ),
            (
                self.return_urls.iter().any(|url| crate::payment::page(url).is_none()),
                "billing.return_urls must be https:// addresses",
            ),
            (
                !(1..=MAX_AMOUNT).contains(&self.credits.min_amount)
                    || self.credits.max_amount < self.credits.min_amount,
                "billing.credits.min_amount must be at least 1, and max_amount not less than it",
            ),
            (
                self.credits.expire_after_days.is_some_and(|days| !(1..=3650).contains(&days)),
                "billing.credits.expire_after_days must be 1 to 3650, or null",
            ),
        ];
        let problem = problem.into_iter().find_map(|(is_wrong, text)| is_wrong.then_some(text));
        let problem = problem.or_else(|| self.issuer.problem()).or_else(|| self.taxes.iter().find_map(Tax::problem));
        let problem = problem.or_else(|| self.letters.problem());
        problem.map_or(Ok(()), |text| Err(Error::Settings(text.to_owned())))
    }

    pub(crate) fn takes_transfers(&self) -> bool {
        !self.payment_instructions.is_empty()
    }
}

/// `billing.credits` in the configuration: credits that customers buy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Credits {
    /// The least that is sold at once, in the smallest unit of the currency.
    pub min_amount: i64,
    /// The most.
    pub max_amount: i64,
    /// After how many days what is left of them expires; null: never.
    pub expire_after_days: Option<u32>,
}

impl Default for Credits {
    fn default() -> Self {
        Self { min_amount: 500, max_amount: 10_000_000, expire_after_days: Some(365) }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            default_plan: "free".to_owned(),
            plans_file: None,
            grace_days: 14,
            issuer: Issuer::default(),
            taxes: vec![],
            net_days: 7,
            checkout_hours: 72,
            payment_instructions: BTreeMap::new(),
            return_urls: vec![],
            letters: Letters::default(),
            credits: Credits::default(),
            stripe: stripe::Config::default(),
            efi: efi::Config::default(),
            usage: BTreeMap::new(),
        }
    }
}

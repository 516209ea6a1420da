//! What is an amount in another currency?

use super::{amount::divide, decimal};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Rates of one day, of a document: units of each currency for one of `base`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RatesText {
    pub base: String,
    pub date: NaiveDate,
    pub source: String,
    pub rates: BTreeMap<String, String>,
}

/// Rates by day, oldest first; of each currency, in 10⁻¹².
#[derive(Clone, Debug, Default)]
pub(crate) struct Exchange {
    days: Vec<(NaiveDate, BTreeMap<String, i128>)>,
}

impl Exchange {
    /// Errors: a sentence that names what is wrong.
    pub fn read(texts: &[RatesText]) -> Result<Self, String> {
        let mut days = vec![];
        for text in texts {
            let mut rates = BTreeMap::from([(text.base.clone(), 10i128.pow(12))]);
            for (currency, rate) in &text.rates {
                let rate = decimal::parse(rate).filter(|rate| *rate > 0);
                let rate =
                    rate.ok_or_else(|| format!("the rate of {currency} on {} is no positive number", text.date))?;
                rates.insert(currency.clone(), rate);
            }
            if let Some(wrong) = rates.keys().find(|currency| !is_currency(currency)) {
                return Err(format!("{wrong:?} in the rates of {} is no currency such as USD", text.date));
            }
            days.push((text.date, rates));
        }
        days.sort_by_key(|(date, _)| *date);
        Ok(Self { days })
    }

    /// By the newest rates that are not newer than `on`, rounded half to even. None: there are none for both.
    pub fn convert(&self, nanos: i64, from: &str, to: &str, on: NaiveDate) -> Option<i64> {
        if from == to || nanos == 0 {
            return Some(nanos);
        }
        let known = self.days.iter().rev().filter(|(date, _)| *date <= on);
        let (from, to) =
            known.map(|(_, rates)| (rates.get(from), rates.get(to))).find_map(|(from, to)| from.zip(to))?;
        i64::try_from(divide(i128::from(nanos).checked_mul(*to)?, *from)).ok()
    }
}

/// Three capital letters, as ISO 4217 has them.
pub(super) fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(date: &str, usd: &str) -> RatesText {
        RatesText {
            base: "EUR".into(),
            date: date.parse().unwrap(),
            source: "a test".into(),
            rates: BTreeMap::from([("USD".into(), usd.into()), ("BRL".into(), "6".into())]),
        }
    }

    #[test]
    fn an_amount_is_converted_by_the_rate_of_its_day() {
        let exchange = Exchange::read(&[day("2026-02-01", "1.25"), day("2026-01-01", "1.2")]).unwrap();
        let on = |date: &str, from, to| exchange.convert(1_000, from, to, date.parse().unwrap());
        assert_eq!(on("2026-01-31", "EUR", "USD"), Some(1_200));
        assert_eq!(on("2026-02-01", "EUR", "USD"), Some(1_250));
        assert_eq!(on("2026-02-01", "USD", "BRL"), Some(4_800));
        assert_eq!(on("2026-02-01", "USD", "USD"), Some(1_000));
        assert_eq!(on("2025-12-31", "EUR", "USD"), None, "nobody knew");
        assert_eq!(on("2026-02-01", "USD", "JPY"), None);
        assert!(Exchange::read(&[day("2026-01-01", "0")]).is_err());
    }
}

//! Which charges are there?

use super::{Boletos, charge::Charge};
use crate::brazil;
use crate::efi::fault::Fault;
use crate::payment::Trouble;
use chrono::{DateTime, TimeDelta, Utc};
use proto::id::PaymentId;
use serde::Deserialize;
use std::collections::HashSet;

const PAGE: usize = 100;
/// A hundred thousand boletos are more than Efí lets an account issue in six days.
const MOST_PAGES: usize = 1000;

/// `GET /v1/charges`
#[derive(Default, Deserialize)]
struct Page {
    data: Vec<Charge>,
    #[serde(default)]
    params: Params,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Params {
    pagination: Pagination,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Pagination {
    /// How many a page may have, which can be fewer than were asked for.
    limit: Option<usize>,
}

/// What is asked for, as a query.
pub(super) struct Window(String);

impl Window {
    /// Those that were made for this payment.
    pub(super) fn of_creation(from: DateTime<Utc>, to: DateTime<Utc>, payment: PaymentId) -> Self {
        Self(format!("{}&custom_id={payment}", days("creation", from, to)))
    }

    /// Those that were paid.
    pub(super) fn of_payment(from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        Self(days("payment", from, to))
    }
}

/// With a day more on both sides, since whole days are asked for.
fn days(date_of: &str, from: DateTime<Utc>, to: DateTime<Utc>) -> String {
    let [begin, end] = [from - TimeDelta::days(1), to + TimeDelta::days(1)].map(brazil::day);
    format!("charge_type=billet&date_of={date_of}&begin_date={begin}&end_date={end}")
}

impl Boletos {
    /// All of them, each once. Pages are numbered from 1, and nothing says how many there are: the last is not full.
    pub(super) async fn list(&self, Window(query): &Window) -> Result<Vec<Charge>, Trouble> {
        let (mut found, mut seen) = (vec![], HashSet::new());
        for page in 1..=MOST_PAGES {
            let path = format!("/charges?{query}&limit={PAGE}&page={page}");
            let Page { data, params } = match self.api.get(&path).await {
                Ok(page) => page,
                Err(Fault::Missing(_)) => Page::default(),
                Err(fault) => return Err(fault.into()),
            };
            let (count, before) = (data.len(), found.len());
            found.extend(data.into_iter().filter(|charge| seen.insert(charge.charge_id)));
            if count < params.pagination.limit.unwrap_or(PAGE).clamp(1, PAGE) {
                return Ok(found);
            }
            if found.len() == before {
                return Err(Trouble::Unexpected("the list of charges repeats a page".to_owned()));
            }
        }
        Err(Trouble::Unexpected("there are more charges than can be listed: ask for a shorter time".to_owned()))
    }
}

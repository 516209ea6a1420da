//! Numbers that are known: as a list with units, or in short as an object by key.

use crate::json::Object;
use proto::engine::Fact;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{MapAccess, SeqAccess, Visitor},
};
use std::{collections::HashSet, fmt};
use utoipa::ToSchema;

/// The most that one execution takes.
const MOST: usize = 60;

/// A number that is known.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ExecutionFact)]
pub(crate) struct NumberBody {
    /// A metric, such as `monthly_revenue`, or a name of your own that begins with `x_`.
    #[schema(example = "monthly_revenue")]
    key: String,
    value: f64,
    /// `money`, `percent`, `count`, `months`, `days`, `ratio` or `score`. Default: that of the metric.
    unit: Option<String>,
    /// Of flows: `month`, `quarter` or `year`. Default: that of the metric.
    period: Option<String>,
}

/// Numbers, in the order in which they were given.
#[derive(Default, Serialize)]
#[serde(transparent)]
pub(super) struct Numbers(Vec<NumberBody>);

impl Numbers {
    /// What is wrong with them, by field. Which metrics there are, the engine knows.
    pub(super) fn problems(&self, field: &str) -> Vec<(String, String)> {
        let mut problems = vec![];
        if self.0.len() > MOST {
            problems.push((field.to_owned(), format!("must be at most {MOST}")));
        }
        let mut keys = HashSet::new();
        for (at, number) in self.0.iter().enumerate() {
            if !keys.insert(number.key.as_str()) {
                problems.push((format!("{field}[{at}].key"), "must be another one: it is given twice".to_owned()));
            }
        }
        problems
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn into_facts(self) -> Vec<Fact> {
        let fact = |NumberBody { key, value, unit, period }| Fact {
            key,
            value,
            unit: unit.unwrap_or_default(),
            period: period.unwrap_or_default(),
        };
        self.0.into_iter().map(fact).collect()
    }
}

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Either)
    }
}

struct Either;

impl<'de> Visitor<'de> for Either {
    type Value = Numbers;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of objects with key and value, or an object of numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Numbers, A::Error> {
        let mut numbers = vec![];
        while let Some(Object(number)) = list.next_element::<Object<NumberBody>>()? {
            numbers.push(number);
        }
        Ok(Numbers(numbers))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Numbers, A::Error> {
        let mut numbers = vec![];
        while let Some((key, value)) = members.next_entry::<String, f64>()? {
            numbers.push(NumberBody { key, value, unit: None, period: None });
        }
        Ok(Numbers(numbers))
    }
}

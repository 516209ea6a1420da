//! Statements with nothing wrong in them, in both languages, to be changed by who plants something.

use super::random::Random;
use crate::domain::{
    locale::Locale,
    opinion::{
        Claim, ClaimKind, Direction, Evidence, EvidenceKind, Interval, Priority, Range, Recommendation, Reversibility,
    },
    registry,
};

pub(super) fn both(locale: Locale, en: &str, pt: &str) -> String {
    locale.pick(en, pt).to_owned()
}

/// A number in some unit and per some period, with its reason.
pub(super) fn metric(locale: Locale, key: &str, base: Interval, random: &mut Random) -> Claim {
    let known = registry::metric(key);
    let (unit, period, factor) =
        units(known.map_or("ratio", |m| &m.unit), known.and_then(|m| m.period.as_deref()), random);
    let value = Interval { low: base.low / factor, point: base.point / factor, high: base.high / factor };
    let name = registry::label(key, locale);
    Claim {
        id: String::new(),
        kind: ClaimKind::Metric,
        topic: key.to_owned(),
        metric: Some(key.to_owned()),
        value: Some(value),
        unit: Some(unit.to_owned()),
        period: period.map(str::to_owned),
        trend: None,
        statement: both(
            locale,
            &format!("{name} is about {:.2}.", value.point),
            &format!("{name}: cerca de {:.2}.", value.point),
        ),
        evidence: vec![Evidence { kind: EvidenceKind::Input, reference: key.to_owned(), quote: None }],
        confidence: random.within(0.55, 0.95),
    }
}

/// How many base units one of the unit is.
fn units<'a>(unit: &'a str, period: Option<&'a str>, random: &mut Random) -> (&'a str, Option<&'a str>, f64) {
    let pick = random.below(3);
    match (unit, period) {
        ("money", Some("month")) => {
            [("thousand", Some("month"), 1e3), ("BRL", Some("year"), 1.0 / 12.0), ("money", None, 1.0)][pick]
        }
        ("money", other) => [("thousand BRL", other, 1e3), ("million", other, 1e6), ("brl", other, 1.0)][pick],
        ("percent", other) => {
            [("fraction", other, 100.0), ("basis_points", other, 0.01), ("percent", Some("now"), 1.0)][pick]
        }
        ("count", other) => [("thousand", other, 1e3), ("count", other, 1.0), ("count", None, 1.0)][pick],
        ("months", other) => {
            [("days", other, 12.0 / 365.0), ("months", Some("now"), 1.0), ("years", other, 12.0)][pick]
        }
        ("days", other) => [("weeks", other, 7.0), ("days", other, 1.0), ("hours", other, 1.0 / 24.0)][pick],
        (unit, other) => (unit, other, 1.0),
    }
}

/// Something that can be taken back and ought to be done, in the first two months.
pub(super) fn proposal(locale: Locale, lever: &str, direction: Direction) -> Recommendation {
    let name = registry::lever_label(lever, locale);
    Recommendation {
        id: String::new(),
        topic: lever.to_owned(),
        lever: lever.to_owned(),
        direction,
        cost: None,
        start_day: 0,
        end_day: 60,
        owner: "COO".to_owned(),
        depends_on: vec![],
        effects: vec![],
        reversibility: Reversibility::TwoWay,
        priority: Priority::Should,
        statement: both(locale, &format!("Act on: {name}."), &format!("Agir sobre: {name}.")),
    }
}

/// Around a middle.
pub(super) fn cost(middle: f64) -> Option<Range> {
    Some(Range { low: middle * 0.5, high: middle * 1.5 })
}

pub(super) fn around(point: f64, part: f64) -> Interval {
    Interval { low: point - point.abs() * part, point, high: point + point.abs() * part }
}

//! What is assumed where nobody said a number?

use super::Figures;
use crate::provider::simulator::business::{case::Case, number, text};

/// Usual gross margins, by words of the kind of business.
const MARGINS: &[(&str, f64)] = &[
    ("saas", 75.0),
    ("software", 70.0),
    ("aplicativo", 65.0),
    ("app", 65.0),
    ("restaurant", 62.0),
    ("cafe", 60.0),
    ("padaria", 50.0),
    ("bakery", 50.0),
    ("clinic", 45.0),
    ("hospital", 35.0),
    ("escola", 55.0),
    ("school", 55.0),
    ("curso", 60.0),
    ("academia", 60.0),
    ("gym", 60.0),
    ("agencia", 45.0),
    ("agency", 45.0),
    ("consult", 50.0),
    ("e-commerce", 35.0),
    ("ecommerce", 35.0),
    ("loja", 42.0),
    ("varejo", 32.0),
    ("retail", 32.0),
    ("store", 42.0),
    ("supermercado", 22.0),
    ("supermarket", 22.0),
    ("distribu", 18.0),
    ("atacad", 15.0),
    ("wholesale", 15.0),
    ("industr", 30.0),
    ("fabric", 30.0),
    ("factory", 30.0),
    ("manufact", 30.0),
    ("constru", 22.0),
    ("transport", 24.0),
    ("logist", 24.0),
    ("agro", 28.0),
    ("fazenda", 28.0),
    ("farm", 28.0),
    ("hotel", 55.0),
    ("pousada", 55.0),
    ("servic", 45.0),
    ("service", 45.0),
];

/// How a month's revenue is guessed from another number: its name, and what it is multiplied with.
const REVENUES: &[(&str, f64)] = &[
    ("operating_costs", 1.05),
    ("payroll", 2.8),
    ("fixed_costs", 2.2),
    ("marketing_spend", 10.0),
    ("burn", 4.0),
    ("headcount", 12_000.0),
    ("cash", 0.6),
    ("debt", 0.4),
    ("investment", 0.8),
    ("cap", 2.5),
    ("inventory", 0.9),
];

/// Key, value and unit of what is missing and needed.
pub fn missing(case: &Case, known: &Figures) -> Vec<(&'static str, f64, &'static str)> {
    let mut all = vec![];
    if known.value("gross_margin").is_none() {
        let kind = text::fold(&case.business);
        let margin = MARGINS.iter().find(|(word, _)| text::has(&kind, word)).map_or(40.0, |(_, margin)| *margin);
        all.push(("gross_margin", margin, "percent"));
    }
    if known.value("revenue").is_none() {
        let guess = |(name, factor): &(&str, f64)| known.value(name).filter(|v| *v > 0.0).map(|v| v * factor);
        let revenue = REVENUES.iter().find_map(guess).unwrap_or(100_000.0);
        all.push(("revenue", number::round_cost(revenue), "money"));
    }
    all
}

//! What is asked, and what is known?

use crate::domain::{
    brief::{Brief, Constraint, ConstraintKind, Fact, Source},
    locale::Locale,
};

/// A company that loses customers.
pub(super) fn brief(locale: Locale) -> Brief {
    let pick = |en: &str, pt: &str| locale.pick(en, pt).to_owned();
    Brief {
        problem_description: pick(
            "We are losing customers faster than we win them, and our cash lasts less than a year. We sell management software to small clinics, mostly by monthly contracts, and a larger competitor has begun to offer half a year for free.\n\nShould we invest in retention, lower our prices, or hire more salespeople? We can spend R$50,000 and must see results within half a year. Discounts on contracts in force are out of the question.",
            "Estamos perdendo clientes mais rápido do que conquistamos, e nosso caixa dura menos de um ano. Vendemos software de gestão para pequenas clínicas, em geral com contratos mensais, e um concorrente maior começou a oferecer seis meses grátis.\n\nDevemos investir em retenção, baixar preços ou contratar mais vendedores? Podemos gastar R$ 50.000 e precisamos ver resultados em meio ano. Descontos em contratos vigentes estão fora de questão.",
        ),
        business_type: pick("SaaS for clinics", "SaaS para clínicas"),
        facts: facts(locale),
        constraints: constraints(locale),
        horizon_days: 540,
        currency: "BRL".to_owned(),
        locale,
        unknown: vec![],
    }
}

fn facts(locale: Locale) -> Vec<Fact> {
    let all = [
        ("revenue", 187_000.0, "money", Some("month"), Source::Given, None),
        (
            "churn",
            4.8,
            "percent",
            Some("month"),
            Source::Stated,
            Some(("losing customers faster than we win them", "perdendo clientes mais rápido do que conquistamos")),
        ),
        ("cash", 420_000.0, "money", None, Source::Given, None),
        ("customers", 1_240.0, "count", None, Source::Answered, None),
        ("arpu", 150.81, "money", Some("month"), Source::Answered, None),
        ("gross_margin", 71.5, "percent", None, Source::Assumed, None),
        ("fixed_costs", 172_450.75, "money", Some("month"), Source::Given, None),
        (
            "runway",
            10.5,
            "months",
            None,
            Source::Stated,
            Some(("our cash lasts less than a year", "nosso caixa dura menos de um ano")),
        ),
        ("receivables_days", 32.0, "days", None, Source::Assumed, None),
        ("x_clinics_per_salesperson", 62.0, "count", None, Source::Answered, None),
    ];
    all.into_iter()
        .map(|(key, value, unit, period, source, quote)| Fact {
            key: key.to_owned(),
            value,
            unit: unit.to_owned(),
            period: period.map(str::to_owned),
            source,
            quote: quote.map(|(en, pt)| locale.pick(en, pt).to_owned()),
        })
        .collect()
}

fn constraints(locale: Locale) -> Vec<Constraint> {
    let all = [
        (ConstraintKind::BudgetCap, None, Some(50_000.0), ("We can spend R$50,000", "Podemos gastar R$ 50.000")),
        (ConstraintKind::Deadline, None, Some(180.0), ("results within half a year", "resultados em meio ano")),
        (ConstraintKind::MetricMin, Some("gross_margin"), Some(65.0), ("", "")),
        (
            ConstraintKind::Forbidden,
            Some("discounts"),
            None,
            (
                "Discounts on contracts in force are out of the question",
                "Descontos em contratos vigentes estão fora de questão",
            ),
        ),
    ];
    all.into_iter()
        .map(|(kind, key, value, (en, pt))| Constraint {
            kind,
            key: key.map(str::to_owned),
            value,
            text: locale.pick(en, pt).to_owned(),
        })
        .collect()
}

//! What was contested, and what was decided?

use crate::domain::{
    ballot::Choice,
    conflict::{Conflict, Kind, Severity, Status},
    locale::Locale,
    meeting::{Decision, Dissent, Meeting, Method, Outcome},
    opinion::{Direction, Effect, Interval, Priority, Range, Reversibility},
    role::Role,
};

/// Three choices, none of them against anybody.
pub(super) fn quick(locale: Locale) -> Meeting {
    let mut meeting = deep(locale);
    meeting.decisions.truncate(3);
    meeting.dissent.clear();
    meeting
}

/// Five choices, two numbers, two who are against.
pub(super) fn deep(locale: Locale) -> Meeting {
    let choice =
        |n: usize, lever: &str, direction, en: &str, pt: &str| choice(n, lever, direction, locale.pick(en, pt));
    let choices = vec![
        choice(
            1,
            "retention_program",
            Direction::Start,
            "Start a retention programme for clinics in their first ninety days.",
            "Iniciar um programa de retenção para clínicas nos primeiros noventa dias.",
        ),
        choice(
            2,
            "pricing",
            Direction::Increase,
            "Raise the price of new contracts by 8%.",
            "Reajustar em 8% o preço de novos contratos.",
        ),
        choice(
            3,
            "sales_team",
            Direction::Increase,
            "Hire two salespeople for the interior of São Paulo.",
            "Contratar dois vendedores para o interior de São Paulo.",
        ),
        choice(
            4,
            "discounts",
            Direction::Start,
            "Offer three months at half the price to those who cancel.",
            "Oferecer três meses pela metade do preço a quem cancelar.",
        ),
        choice(
            5,
            "automation",
            Direction::Increase,
            "Automate onboarding and billing reminders.",
            "Automatizar a implantação e os lembretes de cobrança.",
        ),
    ];
    Meeting {
        topics: vec!["k1".to_owned()],
        choices,
        decisions: decisions(),
        dissent: dissent(locale),
        ..Meeting::default()
    }
}

fn dissent(locale: Locale) -> Vec<Dissent> {
    let pick = |en: &str, pt: &str| locale.pick(en, pt).to_owned();
    vec![
        Dissent {
            role: Role::Market,
            topic: "o3".to_owned(),
            reason: pick(
                "While the competitor gives half a year away, nobody wins by waiting.",
                "Enquanto o concorrente dá seis meses de graça, ninguém ganha esperando.",
            ),
            would_change_if: pick(
                "If the offer of the competitor ended within the quarter.",
                "Se a oferta do concorrente acabasse no trimestre.",
            ),
        },
        Dissent {
            role: Role::RiskLegal,
            topic: "o2".to_owned(),
            reason: pick(
                "Contracts of 2025 tie the price to an index; a higher list price invites claims.",
                "Contratos de 2025 vinculam o preço a um índice; uma tabela maior convida a questionamentos.",
            ),
            would_change_if: pick(
                "With a written opinion on those contracts.",
                "Com um parecer escrito sobre esses contratos.",
            ),
        },
    ]
}

fn choice(n: usize, lever: &str, direction: Direction, statement: &str) -> Choice {
    Choice {
        id: format!("o{n}"),
        lever: lever.to_owned(),
        direction,
        recommendations: vec![format!("financial.r{n}")],
        proposers: vec![Role::Financial],
        cost: Some(Range { low: 20_000.0, high: 30_000.0 }),
        start_day: 7,
        end_day: 120,
        owner: "COO".to_owned(),
        depends_on: vec![],
        effects: vec![Effect { metric: "churn".to_owned(), low: -1.6, high: -0.8, horizon_days: 180 }],
        reversibility: if n == 3 { Reversibility::OneWay } else { Reversibility::TwoWay },
        priority: Priority::Must,
        statement: statement.to_owned(),
    }
}

fn decisions() -> Vec<Decision> {
    let one = |topic: &str, outcome, method, margin, conditions: &[&str]| Decision {
        topic: topic.to_owned(),
        outcome,
        method,
        value: None,
        votes_for: 3.1,
        votes_against: 0.9,
        margin,
        conditions: conditions.iter().map(|text| (*text).to_owned()).collect(),
        confidence: 0.74,
        conformity_flag: false,
    };
    let figure = |topic: &str, low, point, high| Decision {
        value: Some(Interval { low, point, high }),
        ..one(topic, Outcome::Agreed, Method::Consensus, 0.0, &[])
    };
    vec![
        one("o1", Outcome::Adopted, Method::Approval, 0.82, &["budget_cap:50000", "depends_on:measurement"]),
        Decision { conformity_flag: true, ..one("o2", Outcome::Adopted, Method::Approval, 0.31, &["deadline:90"]) },
        one("o3", Outcome::Deferred, Method::ChairRule, 0.05, &["budget_cap:50000"]),
        one("o4", Outcome::Rejected, Method::Ranked, -0.64, &["forbidden:discounts"]),
        one("o5", Outcome::Adopted, Method::Approval, 0.44, &["constraint", "metric_min:gross_margin:65"]),
        figure("churn", 4.4, 4.8, 5.1),
        figure("cac", 980.0, 1_150.5, 1_320.0),
    ]
}

/// One of three kinds.
pub(super) fn conflicts(locale: Locale) -> Vec<Conflict> {
    let all = [
        (
            Kind::ReversibilityVeto,
            "sales_team",
            Severity::Critical,
            "rule:reversibility_veto",
            Status::AcceptedDissent,
            (
                "Hire two salespeople now, with contracts of two years.",
                "Contratar já dois vendedores, com contratos de dois anos.",
            ),
        ),
        (
            Kind::MetricMismatch,
            "churn",
            Severity::High,
            "rule:metric_mismatch",
            Status::Resolved,
            ("Churn is 4.8% per month.", "O churn é de 4,8% ao mês."),
        ),
        (
            Kind::ResourceContention,
            "marketing_spend",
            Severity::Medium,
            "rule:resource_contention",
            Status::Debated,
            ("Together the recommendations cost R$128,000.", "Juntas, as recomendações custam R$ 128.000."),
        ),
        (
            Kind::Contradiction,
            "pricing",
            Severity::Low,
            "judge",
            Status::Open,
            (
                "Customers leave because of the price; customers do not know the price.",
                "Os clientes saem por causa do preço; os clientes não sabem o preço.",
            ),
        ),
    ];
    all.into_iter()
        .zip(1..)
        .map(|((kind, topic, severity, detector, status, (en, pt)), n)| Conflict {
            id: format!("k{n}"),
            kind,
            topic: topic.to_owned(),
            parties: vec!["financial.c1".to_owned(), "commercial.c2".to_owned(), "market.r1".to_owned()],
            severity,
            score: 0.9,
            detector: detector.to_owned(),
            quotes: vec![
                locale.pick(en, pt).to_owned(),
                locale.pick("It is at most 3.5%.", "É de no máximo 3,5%.").to_owned(),
            ],
            status,
        })
        .collect()
}

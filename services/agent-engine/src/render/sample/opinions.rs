//! What do the agents think?

use crate::domain::{
    locale::Locale,
    opinion::{
        Assumption, Claim, ClaimKind, Direction, Effect, Evidence, EvidenceKind, Interval, Opinion, Priority, Range,
        Recommendation, Reversibility, Risk, Stance, Trend,
    },
    role::Role,
};

const STANCES: [Stance; 4] = [Stance::Support, Stance::Conditional, Stance::Oppose, Stance::Abstain];

/// One opinion of each role.
pub(super) fn of(roles: &[Role], locale: Locale) -> Vec<Opinion> {
    roles.iter().enumerate().map(|(n, role)| opinion(n, *role, locale)).collect()
}

fn opinion(n: usize, role: Role, locale: Locale) -> Opinion {
    let pick = |en: &str, pt: &str| locale.pick(en, pt).to_owned();
    Opinion {
        role,
        stance: STANCES[n % STANCES.len()],
        headline: pick(
            "Retention pays sooner than growth: each customer kept is worth three that would have to be won.",
            "Reter compensa antes de crescer: cada cliente mantido vale três que teriam de ser conquistados.",
        ),
        claims: claims(role, locale),
        recommendations: recommendations(role, locale),
        assumptions: vec![Assumption {
            key: "gross_margin".to_owned(),
            value: 71.5,
            unit: "percent".to_owned(),
            statement: pick(
                "Margin stays as it is: hosting and support grow with the number of clinics.",
                "A margem permanece: hospedagem e suporte crescem com o número de clínicas.",
            ),
        }],
        risks: vec![Risk {
            statement: pick("The competitor answers with lower prices.", "O concorrente responde com preços menores."),
            probability: 3,
            impact: 4,
            mitigation: pick("Contracts of a year with a fixed price.", "Contratos anuais com preço fixo."),
            trigger: pick("Two lost tenders in a month.", "Duas propostas perdidas em um mês."),
            owner: "CCO".to_owned(),
        }],
        unknowns: vec![
            pick(
                "How many customers leave within the first three months.",
                "Quantos clientes saem nos três primeiros meses.",
            ),
            pick(
                "What the competitor charges after the free period.",
                "Quanto o concorrente cobra após o período grátis.",
            ),
        ],
        confidence: (62 + 5 * n) as f64 / 100.0,
    }
}

fn claims(role: Role, locale: Locale) -> Vec<Claim> {
    let pick = |en: &str, pt: &str| locale.pick(en, pt).to_owned();
    let evidence = |kind, reference: &str| Evidence { kind, reference: reference.to_owned(), quote: None };
    let claim = Claim {
        id: format!("{role}.c1"),
        kind: ClaimKind::Metric,
        topic: "churn".to_owned(),
        metric: Some("churn".to_owned()),
        value: Some(Interval { low: 4.3, point: 4.8, high: 5.4 }),
        unit: Some("percent".to_owned()),
        period: Some("month".to_owned()),
        trend: Some(Trend::Up),
        statement: pick(
            "Churn is higher than what the market of clinics shows, and it has risen for two quarters.",
            "O churn está acima do que o mercado de clínicas mostra e sobe há dois trimestres.",
        ),
        evidence: vec![evidence(EvidenceKind::Input, "churn"), evidence(EvidenceKind::General, "")],
        confidence: 0.8,
    };
    let forecast = Claim {
        id: format!("{role}.c2"),
        kind: ClaimKind::Forecast,
        metric: Some("revenue".to_owned()),
        value: Some(Interval { low: 190.0, point: 215.0, high: 240.0 }),
        unit: Some("thousand BRL".to_owned()),
        period: Some("d180".to_owned()),
        trend: None,
        statement: pick(
            "Revenue recovers once fewer customers leave.",
            "A receita se recupera quando menos clientes saem.",
        ),
        evidence: vec![evidence(EvidenceKind::Assumption, "gross_margin"), evidence(EvidenceKind::Tool, "ltv")],
        confidence: 0.55,
        ..claim.clone()
    };
    let cause = Claim {
        id: format!("{role}.c3"),
        kind: ClaimKind::Causal,
        metric: None,
        value: None,
        unit: None,
        statement: pick(
            "Most of those who leave never used the scheduling module; onboarding stops after the first invoice.",
            "A maioria dos que saem nunca usou o módulo de agenda; a implantação para depois da primeira fatura.",
        ),
        evidence: vec![],
        confidence: 0.7,
        ..forecast.clone()
    };
    vec![claim, forecast, cause]
}

fn recommendations(role: Role, locale: Locale) -> Vec<Recommendation> {
    let pick = |en: &str, pt: &str| locale.pick(en, pt).to_owned();
    let retention = Recommendation {
        id: format!("{role}.r1"),
        topic: "retention".to_owned(),
        lever: "retention_program".to_owned(),
        direction: Direction::Start,
        cost: Some(Range { low: 22_000.0, high: 34_000.0 }),
        start_day: 7,
        end_day: 120,
        owner: "COO".to_owned(),
        depends_on: vec!["measurement".to_owned()],
        effects: vec![Effect { metric: "churn".to_owned(), low: -1.6, high: -0.8, horizon_days: 180 }],
        reversibility: Reversibility::TwoWay,
        priority: Priority::Must,
        statement: pick(
            "Start a retention programme for clinics in their first ninety days.",
            "Iniciar um programa de retenção para clínicas nos primeiros noventa dias.",
        ),
    };
    let price = Recommendation {
        id: format!("{role}.r2"),
        lever: "pricing".to_owned(),
        direction: Direction::Increase,
        cost: None,
        effects: vec![
            Effect { metric: "arpu".to_owned(), low: 4.0, high: 9.0, horizon_days: 120 },
            Effect { metric: "conversion".to_owned(), low: -0.4, high: -0.1, horizon_days: 60 },
        ],
        owner: pick("Head of sales", "Gerência comercial"),
        priority: Priority::Should,
        statement: pick("Raise the price of new contracts by 8%.", "Reajustar em 8% o preço de novos contratos."),
        ..retention.clone()
    };
    vec![retention, price]
}

//! A small analysis, the same in both languages.

use crate::domain::{
    brief::Brief,
    conflict::Conflict,
    finance::{Month, Scenario, Scenarios},
    locale::Locale,
    meeting::Meeting,
    opinion::Opinion,
};
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub(super) struct Sample {
    pub brief: Brief,
    pub opinions: Vec<Opinion>,
    pub conflicts: Vec<Conflict>,
    pub meeting: Meeting,
    pub scenarios: Option<Scenarios>,
    pub created_at: DateTime<Utc>,
}

pub(super) fn sample(locale: Locale) -> Sample {
    let pick = |en: &'static str, pt: &'static str| locale.pick(en, pt);
    let retention = pick("Call every customer who wants to leave.", "Ligar para cada cliente que quer sair.");
    let brief = json!({
        "problem_description": "p", "business_type": "SaaS", "horizon_days": 180, "currency": "BRL",
        "locale": locale.as_str(),
        "facts": [
            {"key": "churn", "value": 6.0, "unit": "percent", "period": "month", "source": "given"},
            {"key": "revenue", "value": 1_200_000.0, "unit": "money", "period": "year", "source": "stated", "quote": "q"},
            {"key": "cash", "value": 200_000.0, "unit": "money", "source": "assumed"},
        ],
        "constraints": [{"kind": "budget_cap", "value": 50_000.0}, {"kind": "metric_min", "key": "runway", "value": 6.0}],
    });
    let meeting = json!({
        "topics": ["k1", "k2"],
        "rounds": [{"turns": [
            {"role": "financial", "conflict": "k1", "action": "revise", "revised": {"low": 4.0, "point": 4.5, "high": 6.0},
             "text": pick("Half of the churn is involuntary.", "Metade do churn é involuntária.")},
            {"role": "commercial", "conflict": "k2", "action": "maintain",
             "text": pick("Prices must rise by 15%.", "Os preços precisam subir 15%.")},
        ]}],
        "choices": [
            choice("o1", "retention_program", "start", "must", 0, &["measurement"], retention),
            choice("o2", "measurement", "start", "should", 10, &[], pick("Measure churn every week.", "Medir o churn toda semana.")),
            choice("o3", "pricing", "increase", "could", 0, &[], pick("Raise prices.", "Aumentar preços.")),
            choice("o4", "new_market", "start", "could", 0, &[], pick("Go abroad.", "Ir ao exterior.")),
        ],
        "ballots_before": [],
        "ballots_after": ballots(locale),
        "decisions": [
            decision("o1", "adopted", "approval", &["budget_cap:50000"]),
            decision("o2", "adopted", "approval", &[]),
            decision("o3", "rejected", "chair_rule", &["metric_min:runway:6"]),
            decision("o4", "deferred", "chair_rule", &["budget_cap:50000"]),
            {"topic": "churn", "outcome": "agreed", "method": "consensus", "value": {"low": 4.0, "point": 5.5, "high": 6.5},
             "votes_for": 1.0, "votes_against": 0.0, "margin": 1.0, "conditions": [], "confidence": 0.7,
             "conformity_flag": false},
        ],
        "dissent": [{"role": "commercial", "topic": "o3",
            "reason": pick("Demand is stronger than the board believes.", "A demanda é mais forte do que a mesa acredita."),
            "would_change_if": pick("A test in one region fails.", "Um teste em uma região falhar.")}],
    });
    Sample {
        brief: of(brief),
        opinions: of(opinions(locale)),
        conflicts: of(conflicts(locale)),
        meeting: of(meeting),
        scenarios: Some(scenarios()),
        created_at: DateTime::from_timestamp(1_772_366_400, 0).expect("the first of March 2026, noon"),
    }
}

fn of<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("a sample")
}

fn choice(
    id: &str,
    lever: &str,
    direction: &str,
    priority: &str,
    start: u32,
    needs: &[&str],
    statement: &str,
) -> Value {
    let is_first = id == "o1";
    let effects =
        if is_first { json!([{"metric": "churn", "low": -2.0, "high": -1.0, "horizon_days": 90}]) } else { json!([]) };
    let proposers = if id == "o3" { json!(["commercial"]) } else { json!(["analyst", "financial"]) };
    json!({
        "id": id, "lever": lever, "direction": direction, "recommendations": [], "proposers": proposers,
        "cost": if is_first || id == "o4" { json!({"low": 30_000.0, "high": 50_000.0}) } else { Value::Null },
        "start_day": start, "end_day": start + 90, "owner": "CCO", "depends_on": needs, "effects": effects,
        "reversibility": if id == "o1" { "one_way" } else { "two_way" }, "priority": priority, "statement": statement,
    })
}

fn decision(topic: &str, outcome: &str, method: &str, conditions: &[&str]) -> Value {
    json!({"topic": topic, "outcome": outcome, "method": method, "votes_for": 1.5, "votes_against": 0.7, "margin": 0.36,
           "conditions": conditions, "confidence": 0.7, "conformity_flag": topic == "o2"})
}

fn ballots(locale: Locale) -> Value {
    let vote = |choice: &str, approve: bool, en: &str, pt: &str| {
        let reason = locale.pick(en, pt);
        json!({"choice": choice, "approve": approve, "confidence": 0.8, "reason": reason, "would_change_if": ""})
    };
    let yes = |choice: &str| vote(choice, true, "It stops the loss of customers.", "Estanca a perda de clientes.");
    json!([
        {"role": "analyst", "votes": [yes("o1"), yes("o2"), vote("o3", false, "It drives customers away.", "Afasta clientes.")]},
        {"role": "financial", "votes": [yes("o1"), yes("o2"), vote("o3", false, "It costs 99% of trust.", "Custa 99% da confiança.")]},
        {"role": "commercial", "votes": [vote("o1", false, "It is too slow.", "É lento demais."), yes("o2"), yes("o3")]},
    ])
}

fn opinions(locale: Locale) -> Value {
    let claim = |role: &str, low: f64, point: f64, high: f64| {
        json!({"id": format!("{role}.c1"), "kind": "metric", "topic": "churn", "metric": "churn", "unit": "percent",
               "value": {"low": low, "point": point, "high": high}, "statement": "s", "evidence": [], "confidence": 0.7})
    };
    let opinion = |role: &str, claim: Value, en: &str, pt: &str| {
        json!({"role": role, "stance": "support", "headline": "h", "claims": [claim], "recommendations": [],
               "assumptions": [], "confidence": 0.7,
               "unknowns": [locale.pick("Why customers leave", "Por que os clientes saem")],
               "risks": [{"statement": locale.pick(en, pt), "probability": 3, "impact": 4, "trigger": "", "owner": "CCO",
                          "mitigation": locale.pick("Weekly reviews.", "Revisões semanais.")}]})
    };
    json!([
        opinion(
            "commercial",
            claim("commercial", 3.0, 3.0, 3.0),
            "Competitors copy it.",
            "Concorrentes copiam a oferta."
        ),
        opinion("analyst", claim("analyst", 4.0, 5.0, 6.0), "The team is too small.", "A equipe é pequena demais."),
    ])
}

fn conflicts(locale: Locale) -> Value {
    let conflict = |id: &str, kind: &str, topic: &str| {
        json!({"id": id, "kind": kind, "topic": topic, "parties": [], "severity": "high", "score": 0.6, "detector": "rule:x",
               "quotes": [locale.pick("Churn is low.", "O churn é baixo."), locale.pick("Churn is high.", "O churn é alto.")],
               "status": "debated"})
    };
    json!([conflict("k1", "metric_mismatch", "churn"), conflict("k2", "direction_opposition", "pricing")])
}

fn scenarios() -> Scenarios {
    let scenario = |end_cash: f64, investment: f64, payback: Option<u32>, out: Option<u32>| Scenario {
        months: vec![Month {
            month: 1,
            revenue: 1.0,
            variable_costs: 0.0,
            fixed_costs: 0.0,
            investment,
            net: 1.0,
            cash: end_cash,
        }],
        total_net: end_cash - 200_000.0,
        end_cash: Some(end_cash),
        cash_out_month: out,
        runway_months: None,
        payback_month: payback,
        npv: 95_000.0,
    };
    Scenarios {
        inputs: vec![of(json!({"key": "gross_margin", "value": 62.0, "source": "default"}))],
        base: scenario(321_000.0, 40_000.0, Some(4), None),
        optimistic: Some(scenario(390_000.0, 30_000.0, Some(3), None)),
        pessimistic: Some(scenario(250_000.0, 50_000.0, None, None)),
        unchanged: scenario(210_000.0, 0.0, None, Some(14)),
        sensitivity: vec![],
    }
}

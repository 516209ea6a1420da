//! What the problem says, as a model found it in its words.

use super::{
    facts::{constraints, facts, folded},
    field::{items, some_text, text},
    key::metric_key,
};
use crate::{
    domain::brief::{Brief, Constraint, Fact},
    prose::line,
};
use serde_json::Value;

const TOPICS: usize = 8;
const MISSING: usize = 5;
const TOPIC: usize = 80;

/// What was found in a problem beyond what was given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Framed {
    /// Numbers that the problem tells and nobody had given.
    pub facts: Vec<Fact>,
    /// Limits that the problem tells and nobody had given.
    pub constraints: Vec<Constraint>,
    /// What it is about.
    pub topics: Vec<String>,
    /// Keys of what nobody told, and the question for it.
    pub missing: Vec<(String, String)>,
}

/// What the problem says. A number or a limit whose quote is not in the problem word for word is left out, and so is what
/// was given already.
pub fn frame(value: &Value, brief: &Brief) -> Framed {
    let problem = folded(&brief.problem_description);
    let facts = facts(value, brief, &problem);
    let mut missing: Vec<(String, String)> = Vec::new();
    for (key, question) in items(value, "missing").filter_map(question) {
        let is_known = brief.fact(&key).is_some() || facts.iter().any(|fact| fact.key == key);
        if !is_known && missing.iter().all(|(other, _)| *other != key) && missing.len() < MISSING {
            missing.push((key, question));
        }
    }
    Framed { constraints: constraints(value, brief, &problem), topics: topics(value), facts, missing }
}

fn question(item: &Value) -> Option<(String, String)> {
    Some((metric_key(&text(item, "key"))?, some_text(item, "question")?))
}

fn topics(value: &Value) -> Vec<String> {
    let mut topics: Vec<String> = Vec::new();
    for topic in items(value, "topics").filter_map(Value::as_str).map(|topic| line(topic, TOPIC)) {
        if !topic.is_empty() && !topics.contains(&topic) && topics.len() < TOPICS {
            topics.push(topic);
        }
    }
    topics
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        brief::{ConstraintKind, Source},
        locale::Locale,
    };
    use serde_json::json;

    fn brief() -> Brief {
        Brief {
            problem_description: "Nossa receita é de R$ 50 mil\n por mês e o churn subiu para 6%. Só temos R$ 20 mil."
                .into(),
            business_type: "SaaS".into(),
            facts: vec![Fact {
                key: "churn".into(),
                value: 5.0,
                unit: "percent".into(),
                period: None,
                source: Source::Given,
                quote: None,
            }],
            constraints: Vec::new(),
            horizon_days: 180,
            currency: "BRL".into(),
            locale: Locale::PtBr,
            unknown: vec![],
        }
    }

    #[test]
    fn only_what_the_problem_says_is_a_fact() {
        let fact = |key: &str, value: f64, unit: &str, quote: &str| json!({"key": key, "value": value, "unit": unit, "period": "mês", "quote": quote});
        let question = |key: &str| json!({"key": key, "question": "Quanto há?"});
        let value = json!({
            "facts": [
                fact("churn", 6.0, "percent", "churn subiu para 6%"),
                fact("Revenue", 50000.0, "money", "\"RECEITA é de R$ 50 mil por mês.\""),
                fact("revenue", 1.0, "money", "R$ 50 mil"),
                fact("cash", 90000.0, "money", "R$ 90 mil em caixa"),
                fact("payroll", 1.0, "money", ""),
                fact("runway", 1.0, "percent", "6%"),
                fact("vendas", 6.0, "percent", "6%"),
            ],
            "constraints": [
                {"kind": "budget_cap", "key": null, "value": 20000, "quote": "Só temos R$ 20 mil"},
                {"kind": "budget_cap", "key": null, "value": 90000, "quote": "R$ 50 mil"},
                {"kind": "deadline", "key": null, "value": 30, "quote": "em 30 dias"},
                {"kind": "metric_min", "key": "churn", "value": null, "quote": "6%"},
                {"kind": "forbidden", "key": "Pricing", "value": 1, "quote": "churn"},
            ],
            "topics": ["Churn", "Churn", ""],
            "missing": [question("cash"), question("revenue"), question("cash")],
        });
        let framed = frame(&value, &brief());
        let facts: Vec<(&str, f64)> = framed.facts.iter().map(|fact| (fact.key.as_str(), fact.value)).collect();
        assert_eq!(facts, [("revenue", 50_000.0), ("x_vendas", 6.0)]);
        assert_eq!((framed.facts[0].period.as_deref(), framed.facts[0].source), (Some("month"), Source::Stated));
        let limits: Vec<(ConstraintKind, Option<&str>, Option<f64>)> =
            framed.constraints.iter().map(|limit| (limit.kind, limit.key.as_deref(), limit.value)).collect();
        assert_eq!(
            limits,
            [(ConstraintKind::BudgetCap, None, Some(20_000.0)), (ConstraintKind::Forbidden, Some("pricing"), None)]
        );
        assert_eq!(framed.topics, ["Churn"]);
        assert_eq!(framed.missing, [("cash".to_owned(), "Quanto há?".to_owned())]);
        assert_eq!(frame(&Value::Null, &brief()), Framed::default());
    }
}

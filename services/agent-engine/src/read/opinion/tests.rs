use super::*;
use crate::domain::opinion::{Priority, Reversibility};
use proptest::prelude::*;
use serde_json::json;

fn full() -> Value {
    json!({
        "stance": "conditional", "headline": " Raise\nprices ", "confidence": 1.7,
        "claims": [
            {"kind": "metric", "topic": "Churn!", "metric": "Churn", "low": 6, "point": 5, "high": 4, "unit": "%",
             "period": "monthly", "trend": "up", "statement": "é".repeat(300), "evidence_kind": "input",
             "evidence_ref": "churn", "evidence_quote": "churn de 5%", "confidence": 0.8},
            {"kind": "causal", "topic": "", "metric": null, "low": 1, "point": null, "high": null, "unit": "percent",
             "period": null, "trend": null, "statement": "Support is slow.", "evidence_kind": "none",
             "evidence_ref": "", "evidence_quote": null, "confidence": 0.5},
            {"kind": "metric", "topic": "t", "statement": "  "},
        ],
        "recommendations": [
            {"topic": "", "lever": "Brand new thing", "direction": "start", "cost_low": 9, "cost_high": 3, "start_day": 30,
             "end_day": 10, "owner": "", "depends_on": ["pricing", "pricing", "Brand new thing"], "effect_metric": "churn",
             "effect_low": -1, "effect_high": -2, "effect_days": null, "reversibility": "two_way", "priority": "must",
             "statement": "Do it."},
        ],
        "assumptions": [{"key": "growth", "value": 2, "unit": "%", "statement": "It grows."}],
        "risks": [{"statement": "It fails.", "probability": 9, "impact": 0, "mitigation": "", "trigger": "", "owner": ""}],
        "unknowns": ["Why?", ""],
    })
}

#[test]
fn what_is_flat_becomes_typed() {
    let read = opinion(Role::Analyst, &full()).expect("an opinion");
    assert_eq!((read.headline.as_str(), read.confidence, read.claims.len()), ("Raise prices", 1.0, 2));
    let claim = &read.claims[0];
    assert_eq!(
        (claim.id.as_str(), claim.topic.as_str(), claim.metric.as_deref()),
        ("analyst.c1", "churn", Some("churn"))
    );
    assert_eq!(claim.value, Some(Interval { low: 4.0, point: 5.0, high: 6.0 }));
    assert_eq!((claim.unit.as_deref(), claim.period.as_deref()), (Some("percent"), Some("month")));
    assert_eq!((claim.trend, claim.statement.chars().count()), (Some(Trend::Up), 240));
    assert_eq!(claim.evidence[0].reference, "churn");
    let causal = &read.claims[1];
    assert_eq!((causal.topic.as_str(), causal.value, &causal.unit), ("general", None, &None));
    assert!(causal.evidence.is_empty());
    let item = &read.recommendations[0];
    assert_eq!(
        (item.id.as_str(), item.lever.as_str(), item.owner.as_str()),
        ("analyst.r1", "x_brand_new_thing", "CEO")
    );
    assert_eq!((item.cost, item.start_day, item.end_day), (Some(Range { low: 3.0, high: 9.0 }), 30, 30));
    assert_eq!(item.depends_on, ["pricing"]);
    assert_eq!((item.effects[0].low, item.effects[0].high, item.effects[0].horizon_days), (-2.0, -1.0, 30));
    assert_eq!((item.priority, item.reversibility), (Priority::Must, Reversibility::TwoWay));
    assert_eq!(read.assumptions[0].key, "x_growth");
    assert_eq!((read.risks[0].probability, read.risks[0].impact), (5, 1));
    assert_eq!(read.unknowns, ["Why?"]);
}

#[test]
fn what_says_nothing_is_no_opinion() {
    assert!(opinion(Role::Analyst, &json!({"stance": "perhaps"})).is_err());
    assert!(opinion(Role::Analyst, &json!({"stance": "support", "headline": "Yes"})).is_err());
    assert!(opinion(Role::Analyst, &json!({"stance": "abstain"})).is_ok());
    assert!(opinion(Role::Analyst, &Value::Null).is_err());
}

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<f64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        ".{0,300}".prop_map(Value::from),
        Just(json!("start")),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| proptest::collection::vec(inner, 0..3).prop_map(Value::from))
}

proptest! {
    #[test]
    fn every_opinion_keeps_what_the_domain_promises(
        list in proptest::sample::select(vec!["claims", "recommendations", "assumptions", "risks"]),
        changes in proptest::collection::vec((0usize..14, anything()), 1..6),
        copies in 1usize..20,
    ) {
        let mut value = full();
        let mut item = value[list][0].clone();
        if let Some(fields) = item.as_object_mut() {
            let names: Vec<String> = fields.keys().cloned().collect();
            for (at, change) in changes {
                fields.insert(names[at % names.len()].clone(), change);
            }
        }
        value[list] = Value::Array(vec![item; copies]);
        let Ok(read) = opinion(Role::RiskLegal, &value) else { return Ok(()) };
        prop_assert!(read.claims.len() <= 10 && read.recommendations.len() <= 6);
        prop_assert!(read.assumptions.len() <= 6 && read.risks.len() <= 5);
        for (n, claim) in read.claims.iter().enumerate() {
            prop_assert_eq!(&claim.id, &format!("risk_legal.c{}", n + 1));
            prop_assert!((1..=240).contains(&claim.statement.chars().count()));
            prop_assert!((0.0..=1.0).contains(&claim.confidence) && !claim.topic.is_empty());
            if let Some(value) = claim.value {
                prop_assert!(value.low <= value.point && value.point <= value.high && value.high.is_finite());
            }
        }
        for item in &read.recommendations {
            prop_assert!(item.end_day >= item.start_day && !item.owner.is_empty() && !item.lever.is_empty());
            prop_assert!(item.cost.is_none_or(|cost| cost.low <= cost.high));
            prop_assert!(item.effects.iter().all(|effect| effect.low <= effect.high));
        }
        for risk in &read.risks {
            prop_assert!((1..=5).contains(&risk.probability) && (1..=5).contains(&risk.impact));
        }
    }
}

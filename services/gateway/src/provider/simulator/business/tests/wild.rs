use super::{ROLES, schema};
use crate::provider::simulator::business::answer;
use proptest::prelude::*;
use serde_json::{Value, json};

const NAMES: [&str; 7] = ["frame", "opinion", "judge", "ballot", "turn", "review", "wording"];

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(|n| json!(n)),
        any::<i64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        "(receita|caixa|churn|R\\$ |\\$|%|20|1\\.2| mil| de| até|sem demitir|\\{\\{|é|ß|İ|, |\\.){0,14}"
            .prop_map(Value::from),
        prop::sample::select(vec!["revenue", "cash", "churn", "budget_cap", "forbidden", "o1", "adopted", "pt-BR"])
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let key = prop::sample::select(vec![
            "brief",
            "problem_description",
            "business_type",
            "facts",
            "key",
            "value",
            "unit",
            "constraints",
            "kind",
            "choices",
            "id",
            "lever",
            "pairs",
            "a",
            "b",
            "cells",
            "label",
            "text",
            "decisions",
            "margin",
            "outcome",
            "contested",
            "topic",
            "own",
            "statement",
            "horizon_days",
            "currency",
            "period",
            "turns",
            "risks",
            "risk",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(key.prop_map(str::to_owned), inner, 0..7)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn brief() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "\\PC{1,80}",
        "((as vendas|o caixa|our churn|margem|dívida|em até|budget|€|R\\$|-) ?(1\\.000,5|20%|99999999999999|3,|0| mil| bi|meses)? ?[.,;]?){1,12}",
    ];
    let fact = (
        prop::sample::select(vec![
            "revenue",
            "cash",
            "burn",
            "churn",
            "gross_margin",
            "customers",
            "arpu",
            "cac",
            "debt",
            "revenue_growth",
            "payroll",
            "employee_turnover",
            "fixed_costs",
            "headcount",
            "x_client_share",
            "legal_exposure",
        ]),
        prop_oneof![any::<f64>(), -200.0..2e6f64, Just(0.0), Just(-1.0), Just(100.0)],
    );
    let facts = prop::collection::vec(fact, 0..10).prop_map(|all| {
        all.into_iter().map(|(key, value)| json!({"key": key, "value": value, "unit": "money"})).collect::<Vec<_>>()
    });
    let cap = prop_oneof![any::<f64>(), Just(0.0), 0.0..1e5f64];
    (text, ".{0,60}", facts, cap, 0u32..5000).prop_map(|(text, business, facts, cap, horizon)| {
        json!({
            "problem_description": text, "business_type": business, "currency": "BRL", "horizon_days": horizon,
            "facts": facts, "constraints": [{"kind": "budget_cap", "value": cap}],
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn any_json_is_survived(data in any_json(), brief in brief(), role in 0usize..8) {
        for name in NAMES {
            if let Some(value) = answer(name, &data) {
                schema::check(name, &value);
            }
            let mut mixed = if data.is_object() { data.clone() } else { json!({"choices": data, "cells": data, "pairs": data}) };
            mixed["brief"] = brief.clone();
            mixed["role"] = json!(ROLES[role]);
            mixed["locale"] = json!(if role % 2 == 0 { "pt-BR" } else { "en" });
            let Some(value) = answer(name, &mixed) else { continue };
            schema::check(name, &value);
            prop_assert!(value.to_string().len() < 60_000);
            prop_assert_eq!(Some(value), answer(name, &mixed));
        }
    }
}

use super::{ROLES, opinion, problems::briefs, request, statements};
use crate::provider::simulator::business::answer;
use serde_json::{Value, json};
use std::collections::HashSet;

fn set(brief: &Value, key: &str, value: f64) -> Value {
    let mut brief = brief.clone();
    for fact in brief["facts"].as_array_mut().unwrap() {
        if fact["key"] == key {
            fact["value"] = json!(value);
        }
    }
    brief
}

fn levers(opinion: &Value) -> Vec<&str> {
    opinion["recommendations"].as_array().unwrap().iter().map(|r| r["lever"].as_str().unwrap()).collect()
}

#[test]
fn cash_changes_figures_stance_and_recommendations() {
    let brief = &briefs()[0];
    for role in ["analyst", "financial", "commercial"] {
        assert_ne!(opinion(role, "pt-BR", brief), opinion(role, "pt-BR", &set(brief, "cash", 900e3)), "{role}");
    }
    let (poor, rich) = (set(brief, "cash", 50e3), set(brief, "cash", 900e3));
    let (poor, rich) = (opinion("financial", "pt-BR", &poor), opinion("financial", "pt-BR", &rich));
    assert_eq!((poor["stance"].as_str(), rich["stance"].as_str()), (Some("oppose"), Some("support")));
    assert!(levers(&poor).contains(&"financing") && !levers(&rich).contains(&"financing"));
    let near = opinion("financial", "pt-BR", &set(brief, "cash", 181e3));
    assert_ne!(near["claims"], opinion("financial", "pt-BR", brief)["claims"]);
}

#[test]
fn the_cap_changes_costs() {
    let brief = &briefs()[0];
    let mut tight = brief.clone();
    tight["constraints"][0]["value"] = json!(8_000.0);
    for role in ["commercial", "market", "operations"] {
        let cost = |brief: &Value| -> f64 {
            let all = opinion(role, "en", brief);
            all["recommendations"].as_array().unwrap().iter().map(|r| r["cost_high"].as_f64().unwrap()).sum()
        };
        assert!(cost(&tight) <= 8_000.0 && cost(&tight) < cost(brief), "{role}");
    }
}

#[test]
fn churn_and_margin_change_what_is_said() {
    let brief = &briefs()[1];
    for role in ["analyst", "commercial", "financial"] {
        assert_ne!(
            opinion(role, "en", brief)["claims"],
            opinion(role, "en", &set(brief, "churn", 3.0))["claims"],
            "{role}"
        );
    }
    assert!(levers(&opinion("analyst", "en", brief)).contains(&"retention_program"));
    let shop = &briefs()[0];
    let (fat, thin) =
        (opinion("commercial", "en", shop), opinion("commercial", "en", &set(shop, "gross_margin", 20.0)));
    assert!(levers(&fat).contains(&"discounts") && !levers(&thin).contains(&"discounts"));
}

#[test]
fn a_second_estimate_is_near_the_first() {
    let brief = &briefs()[0];
    let mut second = request("financial", "en", brief);
    second["sample"] = json!(2);
    let (one, two) = (opinion("financial", "en", brief), answer("opinion", &second).unwrap());
    assert_ne!(one, two);
    for (a, b) in one["claims"].as_array().unwrap().iter().zip(two["claims"].as_array().unwrap()) {
        if let (Some(a), Some(b)) = (a["point"].as_f64(), b["point"].as_f64()) {
            assert!((a - b).abs() <= 0.03 * a.abs(), "{a} {b}");
        }
    }
}

#[test]
fn problems_are_told_apart() {
    for (locale, at) in [("pt-BR", 0), ("en", 1), ("pt-BR", 2), ("en", 3)] {
        let role = ["financial", "commercial", "analyst", "operations"][at];
        let all: Vec<Value> = briefs().iter().map(|brief| opinion(role, locale, brief)).collect();
        for (index, one) in all.iter().enumerate() {
            for other in &all[index + 1..] {
                assert_ne!(one["headline"], other["headline"]);
                let own: HashSet<String> = statements(one).into_iter().collect();
                let same: Vec<String> = statements(other).into_iter().filter(|s| own.contains(s)).collect();
                assert!(same.is_empty(), "{same:?}");
            }
        }
    }
}

#[test]
fn the_same_business_with_another_problem_is_told_apart() {
    let brief = |text: &str| {
        json!({"problem_description": text, "business_type": "SaaS", "currency": "USD", "horizon_days": 90,
               "facts": [], "constraints": []})
    };
    let texts = [
        "Should we rewrite the billing module in another language?",
        "Should we move the support centre to Lisbon?",
        "Our customers cancel after the first invoice",
        "A rival copied our onboarding wizard",
    ];
    let all: Vec<Value> = texts.iter().map(|text| opinion("market", "en", &brief(text))).collect();
    for (index, one) in all.iter().enumerate() {
        for other in &all[index + 1..] {
            assert_ne!(one["headline"], other["headline"]);
        }
    }
}

#[test]
fn roles_differ_about_the_same_problem() {
    for brief in briefs() {
        let heads: HashSet<String> =
            ROLES.iter().map(|role| opinion(role, "pt-BR", &brief)["headline"].as_str().unwrap().to_owned()).collect();
        assert_eq!(heads.len(), ROLES.len(), "{heads:?}");
    }
    let brief = &briefs()[0];
    let ways = |role: &str| -> HashSet<(String, String)> {
        let all = opinion(role, "en", brief);
        let own = all["recommendations"].as_array().unwrap();
        own.iter().map(|r| (r["lever"].to_string(), r["direction"].to_string())).collect()
    };
    let (sales, money) = (ways("commercial"), ways("financial"));
    assert!(sales.iter().any(|(lever, way)| money.iter().any(|(l, w)| l == lever && w != way)), "{sales:?} {money:?}");
}

#[test]
fn no_role_wants_a_lever_both_ways() {
    for brief in briefs() {
        for role in ROLES {
            let mut data = request(role, "en", &brief);
            data["choices"] = json!([
                {"id": "o1", "lever": "discounts", "direction": "increase", "cost_high": 900.0},
                {"id": "o2", "lever": "discounts", "direction": "decrease", "cost_high": 900.0},
            ]);
            let ballot = answer("ballot", &data).unwrap();
            assert!(
                !(ballot["votes"][0]["approve"] == true && ballot["votes"][1]["approve"] == true),
                "{role} {ballot}"
            );
        }
    }
}

#[test]
fn turns_move_where_facts_are_clear() {
    let brief = set(&briefs()[0], "cash", 70e3);
    let own = opinion("commercial", "pt-BR", &brief);
    let r = own["recommendations"].as_array().unwrap().iter().find(|r| r["lever"] == "sales_team").unwrap().clone();
    let mut data = request("commercial", "pt-BR", &brief);
    data["choices"] = json!([{"id": "o1", "lever": "sales_team", "direction": "increase", "cost_high": 30e3, "end_day": 80,
        "reversibility": "two_way", "effects": []}]);
    data["own_votes"] = json!([{"choice": "o1", "approve": true, "confidence": 0.8}]);
    data["contested"] = json!([
        {"conflict": "k1", "kind": "direction_opposition", "topic": "sales_team",
         "own": [{"id": "commercial.r1", "statement": r["statement"]}], "opposing": []},
        {"conflict": "k2", "kind": "metric_mismatch", "topic": "revenue", "own": [], "opposing": []},
        {"conflict": "k3", "kind": "contradiction", "topic": "sales", "own": [], "opposing": []},
    ]);
    let turn = answer("turn", &data).unwrap();
    let action = |at: usize| turn["turns"][at]["action"].as_str().unwrap().to_owned();
    assert_eq!([action(0), action(1), action(2)], ["concede", "revise", "maintain"], "{turn}");
    assert_eq!(turn["turns"][1]["new_evidence"], "revenue");
    assert!(turn["turns"][1]["revised_low"].as_f64() < turn["turns"][1]["revised_high"].as_f64());
    assert_eq!(turn["votes"][0]["approve"], false, "{turn}");
    data["role"] = json!("financial");
    data["contested"][0]["own"][0]["statement"] = json!("Cortar custos antes");
    let kept = answer("turn", &data).unwrap();
    assert!(kept["turns"].as_array().unwrap().iter().all(|turn| turn["action"] == "maintain"), "{kept}");
}

#[test]
fn votes_follow_mandates_and_facts() {
    let brief = &briefs()[0];
    let choice = |id: &str, lever: &str, cost: f64, way: &str| {
        json!({"id": id, "statement": "s", "lever": lever, "direction": "start", "cost_low": cost / 2.0,
               "cost_high": cost, "start_day": 1, "end_day": 60, "reversibility": way, "effects": []})
    };
    let choices = json!([
        choice("o1", "marketing_spend", 45e3, "two_way"),
        choice("o2", "receivables", 1e3, "two_way"),
        choice("o3", "new_market", 20e3, "one_way"),
        choice("o4", "sales_team", 90e3, "two_way"),
    ]);
    let votes = |role: &str| -> Vec<(bool, String)> {
        let mut data = request(role, "pt-BR", brief);
        data["choices"] = choices.clone();
        let ballot = answer("ballot", &data).unwrap();
        let list = ballot["votes"].as_array().unwrap();
        list.iter().map(|v| (v["approve"].as_bool().unwrap(), v["reason"].as_str().unwrap().to_owned())).collect()
    };
    let money = votes("financial");
    assert!(!money[0].0 && money[1].0 && !money[3].0, "{money:?}");
    assert!(money[0].1.contains("25%") || money[0].1.contains("4,5 meses"), "{money:?}");
    assert!(money[3].1.contains("R$ 50 mil") || money[3].1.contains("50%"), "{money:?}");
    assert!(votes("commercial")[0].0 && !votes("risk_legal")[2].0);
}

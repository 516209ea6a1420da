use super::{LOCALES, ROLES, opinion, problems::briefs, request, schema, statements};
use crate::provider::simulator::business::{answer, names, tables::tables};
use serde_json::{Value, json};

/// What is voted on, from the recommendations of two who differ.
fn choices(brief: &Value) -> Vec<Value> {
    let mut all = vec![];
    for role in ["commercial", "financial", "risk_legal"] {
        for r in opinion(role, "en", brief)["recommendations"].as_array().unwrap() {
            all.push(json!({
                "id": format!("o{}", all.len() + 1), "statement": r["statement"], "lever": r["lever"],
                "direction": r["direction"], "cost_low": r["cost_low"], "cost_high": r["cost_high"],
                "start_day": r["start_day"], "end_day": r["end_day"], "reversibility": r["reversibility"],
                "effects": [{"metric": r["effect_metric"], "low": r["effect_low"], "high": r["effect_high"]}],
            }));
        }
    }
    all
}

fn with(mut base: Value, more: Value) -> Value {
    for (key, value) in more.as_object().unwrap() {
        base[key] = value.clone();
    }
    base
}

#[test]
fn tables_are_complete() {
    let tables = tables();
    assert_eq!((tables.families.len(), tables.theses.len(), tables.risks.family.len()), (18, 18, 18));
    assert!(tables.plays.len() > 35 && tables.claims.len() > 40 && tables.roles.headlines.len() > 20);
    for play in &tables.plays {
        assert!(names::lever(&play.lever).is_some(), "{}", play.id);
        assert!(play.metric.as_ref().is_none_or(|metric| names::metric(metric).is_some()), "{}", play.id);
    }
    for family in &tables.families {
        assert!(names::metric(&family.metric).is_some(), "{}", family.key);
        for entry in family.plays.values().flatten() {
            assert!(tables.play(entry.split('?').next().unwrap()).is_some(), "{entry}");
        }
    }
}

#[test]
fn opinions_fit_the_schema_and_are_rich() {
    for brief in briefs() {
        for role in ROLES {
            for locale in LOCALES {
                let all = opinion(role, locale, &brief);
                schema::check("opinion", &all);
                let count = |name: &str| all[name].as_array().unwrap().len();
                assert!((4..=7).contains(&count("claims")), "{role} {brief} {}", count("claims"));
                assert!((2..=4).contains(&count("recommendations")), "{role} {brief}");
                assert!((2..=4).contains(&count("risks")), "{role} {brief}");
                for statement in statements(&all) {
                    let length = statement.chars().count();
                    assert!(length > 20 && length <= 240 && !statement.contains(['{', '}']), "{statement}");
                }
                assert!(!all["headline"].as_str().unwrap().is_empty(), "{role} {brief}");
            }
        }
    }
}

#[test]
fn numbers_are_grounded() {
    for brief in briefs() {
        for role in ROLES {
            let all = opinion(role, "en", &brief);
            let known: Vec<&str> =
                brief["facts"].as_array().unwrap().iter().map(|f| f["key"].as_str().unwrap()).collect();
            let assumed: Vec<&str> =
                all["assumptions"].as_array().unwrap().iter().map(|a| a["key"].as_str().unwrap()).collect();
            for claim in all["claims"].as_array().unwrap() {
                let name = claim["evidence_ref"].as_str().unwrap();
                match claim["evidence_kind"].as_str().unwrap() {
                    "input" => assert!(known.contains(&name) || name == "budget_cap", "{role} {claim}"),
                    "assumption" => assert!(assumed.contains(&name), "{role} {claim}"),
                    _ => assert!(claim["point"].is_null(), "{role} {claim}"),
                }
                if let Some(point) = claim["point"].as_f64() {
                    assert!(
                        claim["low"].as_f64().unwrap() <= point && point <= claim["high"].as_f64().unwrap(),
                        "{claim}"
                    );
                }
            }
            let spent: f64 =
                all["recommendations"].as_array().unwrap().iter().map(|r| r["cost_high"].as_f64().unwrap()).sum();
            if let Some(cap) = brief["constraints"][0]["value"].as_f64() {
                assert!(spent <= cap, "{role} {spent} {brief}");
            }
            for r in all["recommendations"].as_array().unwrap() {
                assert!(r["start_day"].as_u64() < r["end_day"].as_u64() && r["end_day"].as_u64().unwrap() <= 90, "{r}");
                assert!(r["cost_low"].as_f64() <= r["cost_high"].as_f64(), "{r}");
            }
        }
    }
}

#[test]
fn frames_reviews_and_judges_fit_the_schema() {
    for brief in briefs() {
        for role in ROLES {
            for locale in LOCALES {
                let frame = answer("frame", &request(role, locale, &brief)).unwrap();
                schema::check("frame", &frame);
                let text = brief["problem_description"].as_str().unwrap();
                for fact in frame["facts"].as_array().unwrap() {
                    assert!(text.contains(fact["quote"].as_str().unwrap()), "{fact}");
                }
                let more = json!({
                    "decisions": [
                        {"topic": "pricing", "outcome": "adopted", "margin": 0.1, "conditions": ["a", "b"]},
                        {"topic": "financing", "outcome": "rejected", "margin": -0.5, "conditions": []},
                    ],
                    "facts_assumed": ["revenue", "gross_margin"],
                });
                let review = answer("review", &with(request(role, locale, &brief), more)).unwrap();
                schema::check("review", &review);
                assert!(!review["findings"].as_array().unwrap().is_empty());
            }
        }
    }
}

#[test]
fn ballots_and_turns_fit_the_schema() {
    for brief in briefs() {
        let choices = choices(&brief);
        for role in ROLES {
            for locale in LOCALES {
                let more = json!({"choices": choices});
                let ballot = answer("ballot", &with(request(role, locale, &brief), more)).unwrap();
                schema::check("ballot", &ballot);
                assert_eq!(ballot["votes"].as_array().unwrap().len(), choices.len());
                for vote in ballot["votes"].as_array().unwrap() {
                    assert!(vote["reason"].as_str().unwrap().len() > 10, "{role} {vote}");
                    assert!(vote["would_change_if"].as_str().unwrap().len() > 10, "{role} {vote}");
                }
                let contested = json!([
                    {"conflict": "k1", "kind": "metric_mismatch", "topic": brief["facts"][0]["key"],
                     "own": [{"id": "a.c1", "statement": "x"}], "opposing": [{"id": "b.c1", "statement": "y is z"}]},
                    {"conflict": "k2", "kind": "direction_opposition", "topic": choices[0]["lever"],
                     "own": [{"id": "a.r1", "statement": choices[0]["statement"]}],
                     "opposing": [{"id": "b.r1", "statement": "not so"}]},
                ]);
                let more = json!({"choices": choices, "contested": contested, "own_votes": ballot["votes"]});
                let turn = answer("turn", &with(request(role, locale, &brief), more)).unwrap();
                schema::check("turn", &turn);
                assert_eq!(turn["turns"].as_array().unwrap().len(), 2);
                assert_eq!(turn["votes"].as_array().unwrap().len(), choices.len());
                for said in turn["turns"].as_array().unwrap() {
                    assert!(said["text"].as_str().unwrap().len() > 20, "{role} {said}");
                    assert_eq!(said["action"] == "revise", said["revised_point"].is_number(), "{said}");
                    assert!(said["action"] == "maintain" || said["new_evidence"].is_string(), "{said}");
                }
            }
        }
    }
}

fn decided(document: &str) -> Value {
    json!({
        "document": document, "headline": "3 measures for R$ 50 mil: keep customers",
        "decisions": [
            {"label": "Programa de retenção: iniciar", "outcome": "adopted", "reason": "Churn de 6% custa R$ 50 mil por mês, e reter é mais barato"},
            {"label": "Captação", "outcome": "deferred", "reason": "falta espaço"},
        ],
        "dissent": [{"role": "financial", "topic": "marketing_spend", "reason": "Gasta 12% do caixa antes de estancar a perda"}],
        "risks": [{"risk": "O caixa acaba em 4 meses, antes de as medidas surtirem efeito"}],
        "turns": [{"role": "market", "text": "Mantenho os preços: 3 concorrentes já tentaram"}],
        "cells": [
            {"id": "fact_revenue", "label": "Receita", "text": "R$ 200 mil"},
            {"id": "c2", "label": "Custo do plano", "text": "R$ 50 mil"},
            {"id": "c3", "label": "Fim do cenário 1", "text": "12"},
        ],
    })
}

#[test]
fn wording_has_numbers_as_marks_only() {
    for brief in briefs() {
        for locale in LOCALES {
            for document in ["summary", "memo", "minutes"] {
                let request = with(request("chair", locale, &brief), decided(document));
                let wording = answer("wording", &request).unwrap();
                schema::check("wording", &wording);
                let all = wording["paragraphs"].as_array().unwrap();
                assert!((2..=5).contains(&all.len()), "{all:?}");
                for paragraph in all {
                    let mut text = paragraph.as_str().unwrap().to_owned();
                    for id in ["fact_revenue", "c2", "c3"] {
                        text = text.replace(&format!("{{{{{id}}}}}"), "");
                    }
                    assert!(!text.contains(|c: char| c.is_numeric() || "{}".contains(c)), "{text}");
                }
            }
        }
    }
}

#[test]
fn nothing_is_said_about_nothing() {
    let brief = &briefs()[0];
    assert_eq!(answer("other", &request("analyst", "en", brief)), None);
    for data in [json!(null), json!({}), json!({"brief": 3}), json!({"brief": {"problem_description": "  "}})] {
        assert_eq!(answer("opinion", &data), None);
        assert_eq!(answer("wording", &data), None);
        assert_eq!(answer("judge", &data), None);
    }
}

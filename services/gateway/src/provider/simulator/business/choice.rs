//! What does a role think of a choice? A mandate, and what the facts say about its cost, its risk and its effect.

use super::{case::Case, condition::holds, figures::Figures, names, tables::tables};
use serde_json::Value;

/// Something that is voted on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Choice {
    /// Its name in votes.
    pub id: String,
    /// What is moved.
    pub lever: String,
    /// Which way.
    pub direction: String,
    /// At most, if it is known.
    pub cost: Option<f64>,
    /// The last day.
    pub end_day: f64,
    /// It cannot be undone.
    pub one_way: bool,
    /// Metrics and the middle of their change.
    pub effects: Vec<(String, f64)>,
}

/// A judgement: the sum of reasons for and against, and the strongest of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// Above zero: for it.
    pub score: f64,
    /// The part of it that facts speak for.
    pub by_facts: f64,
    /// The name of a phrase.
    pub reason: &'static str,
    /// What the reason is about, if it is a metric.
    pub metric: Option<String>,
    /// The fact that it was taken from.
    pub fact: Option<&'static str>,
}

/// How much each role likes a lever that is moved up or begun; the other way round it is the opposite.
#[rustfmt::skip]
const LIKES: &[(&str, &[(&str, f64)])] = &[
    ("commercial", &[("retention_program", 1.2), ("discounts", 0.8), ("marketing_spend", 1.2), ("sales_team", 1.3), ("channel_mix", 0.9), ("new_market", 0.9), ("new_product", 0.8), ("customer_support", 0.7), ("partnerships", 0.6), ("pricing", -0.3), ("cost_reduction", -0.6), ("headcount", 0.3), ("financing", 0.2), ("product_line", 0.3), ("compliance", 0.1)]),
    ("financial", &[("cost_reduction", 1.4), ("receivables", 1.4), ("supplier_terms", 1.1), ("debt_restructuring", 0.9), ("pricing", 0.7), ("discounts", -0.9), ("marketing_spend", -0.5), ("sales_team", -0.2), ("headcount", -0.8), ("capacity", -0.6), ("new_market", -0.8), ("new_product", -0.5), ("product_investment", -0.5), ("inventory", -0.9), ("financing", 0.1), ("product_line", -0.5), ("automation", 0.1), ("retention_program", 0.5), ("compliance", 0.4), ("quality_program", 0.2)]),
    ("market", &[("pricing", 0.7), ("channel_mix", 1.1), ("product_investment", 0.9), ("new_market", 0.6), ("new_product", 0.7), ("partnerships", 0.8), ("discounts", -1.0), ("marketing_spend", 0.4), ("product_line", -0.6), ("retention_program", 0.6), ("customer_support", 0.4), ("cost_reduction", 0.1)]),
    ("operations", &[("quality_program", 1.4), ("automation", 1.1), ("capacity", 0.7), ("training", 1.0), ("people_retention", 1.0), ("inventory", -0.3), ("customer_support", 0.7), ("headcount", 0.4), ("supplier_terms", 0.6), ("marketing_spend", -0.2), ("sales_team", -0.1), ("new_market", -0.5), ("new_product", -0.4), ("product_line", -0.4), ("discounts", -0.3)]),
    ("risk_legal", &[("contracts", 1.4), ("compliance", 1.5), ("pilot", 0.9), ("training", 0.4), ("financing", -0.6), ("debt_restructuring", 0.2), ("new_market", -0.5), ("new_product", -0.3), ("headcount", -0.2), ("partnerships", -0.1), ("discounts", -0.2), ("pricing", -0.1)]),
    ("analyst", &[("measurement", 1.4), ("pilot", 1.0), ("retention_program", 0.9), ("cost_reduction", 0.7), ("receivables", 0.7), ("pricing", 0.4), ("product_line", -0.5), ("discounts", -0.5), ("marketing_spend", 0.1), ("quality_program", 0.5), ("new_market", 0.0), ("contracts", 0.4)]),
];
/// Choices that cost money before they bring any.
const SPENDING: &[&str] = &[
    "marketing_spend",
    "sales_team",
    "channel_mix",
    "product_investment",
    "capacity",
    "automation",
    "new_market",
    "new_product",
    "headcount",
    "discounts",
    "inventory",
];

impl Choice {
    /// Reads one; none without a name.
    pub fn read(item: &Value) -> Option<Self> {
        let text = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
        let number = |value: &Value| value.as_f64().filter(|n| n.is_finite() && n.abs() < 1e13);
        let range = |effect: &Value| Some((number(&effect["low"])? + number(&effect["high"])?) / 2.0);
        let effects = item["effects"].as_array().into_iter().flatten().take(12);
        Some(Self {
            id: item["id"].as_str().filter(|id| !id.is_empty())?.to_owned(),
            lever: text("lever"),
            direction: text("direction"),
            cost: number(&item["cost_high"]).or_else(|| number(&item["cost_low"])).map(f64::abs),
            end_day: number(&item["end_day"]).unwrap_or(0.0),
            one_way: item["reversibility"] == "one_way",
            effects: effects.filter_map(|e| Some((e["metric"].as_str()?.to_owned(), range(e)?))).collect(),
        })
    }

    /// All that are voted on.
    pub fn list(data: &Value) -> Vec<Self> {
        data["choices"].as_array().into_iter().flatten().filter_map(Self::read).take(24).collect()
    }

    /// Above zero: up or begun; below: down or ended.
    pub fn way(&self) -> f64 {
        match self.direction.as_str() {
            "decrease" | "stop" => -1.0,
            "keep" => 0.25,
            _ => 1.0,
        }
    }

    /// Whether it asks for money up front.
    pub fn spends(&self) -> bool {
        self.way() > 0.5 && SPENDING.contains(&self.lever.as_str())
    }
}

/// What the role of the case thinks of it. `main` is what the problem is measured by.
pub fn view(case: &Case, figures: &Figures, main: &str, choice: &Choice) -> View {
    let mut all: Vec<View> = vec![mandate(case, choice)];
    all.extend(money(case, figures, choice));
    all.extend(limits(case, choice));
    all.extend(state(case, figures, choice));
    all.extend(effect(case, main, choice));
    let score: f64 = all.iter().map(|view| view.score).sum();
    let by_facts: f64 = all.iter().map(|view| view.by_facts).sum();
    let same = |view: &&View| (view.score > 0.0) == (score > 0.0);
    // A reason with a number says more than a mandate.
    let weight = |view: &View| {
        view.score.abs()
            + match (view.fact, &view.metric) {
                (Some(_), _) => 0.6,
                (None, Some(_)) => 0.25,
                _ => 0.0,
            }
    };
    let best = all.iter().filter(same).max_by(|a, b| weight(a).total_cmp(&weight(b)));
    let (reason, metric, fact) = best.map_or(("mandate", None, None), |v| (v.reason, v.metric.clone(), v.fact));
    View { score, by_facts, reason, metric, fact }
}

fn reason(score: f64, reason: &'static str, fact: Option<&'static str>) -> View {
    View { score, by_facts: if fact.is_some() { score } else { 0.0 }, reason, metric: None, fact }
}

fn mandate(case: &Case, choice: &Choice) -> View {
    let likes = LIKES.iter().find(|(role, _)| *role == case.mandate()).map(|(_, likes)| *likes).unwrap_or_default();
    let like = likes.iter().find(|(lever, _)| *lever == choice.lever).map_or(0.35, |(_, like)| *like);
    // To keep things as they are is rarely anybody's wish, and rarely hurts.
    let score = if choice.direction == "keep" { 0.3 - like * 0.4 } else { like * choice.way() };
    reason(score, "mandate", None)
}

/// Its cost against cash, cap and revenue.
fn money(case: &Case, figures: &Figures, choice: &Choice) -> Vec<View> {
    let Some(cost) = choice.cost else { return vec![reason(-0.1, "no_cost", None)] };
    let weight: f64 = match case.mandate() {
        "financial" => 1.6,
        "risk_legal" | "analyst" => 1.0,
        "commercial" => 0.5,
        _ => 0.8,
    };
    let mut all = vec![];
    if let Some(cap) = case.limits.cap {
        if cost > cap {
            all.push(reason(-1.8 * weight.max(1.0), "over_cap", Some("cap")));
        } else if cap > 0.0 && cost > cap * 0.5 {
            all.push(reason(-0.4 * weight, "much_of_cap", Some("cap")));
        }
    }
    if let Some(cash) = figures.sure("cash").filter(|cash| *cash > 0.0) {
        match cost / cash {
            share if share > 0.4 => all.push(reason(-1.4 * weight, "cost_cash", Some("cash"))),
            share if share > 0.15 => all.push(reason(-0.6 * weight, "cost_cash", Some("cash"))),
            share if share < 0.05 => all.push(reason(0.25, "cost_small", Some("cash"))),
            _ => (),
        }
    } else if cost > figures.scale() * 0.3 {
        all.push(reason(-0.5 * weight, "cost_revenue", figures.sure("revenue").map(|_| "revenue")));
    }
    all
}

fn limits(case: &Case, choice: &Choice) -> Vec<View> {
    let mut all = vec![];
    if case.limits.forbidden.contains(&choice.lever) && choice.direction != "keep" {
        all.push(reason(-4.0, "forbidden", None));
    }
    if case.limits.deadline.is_some_and(|day| choice.end_day > day) {
        all.push(reason(-0.8, "late", Some("deadline")));
    }
    if choice.one_way {
        let score = if case.mandate() == "risk_legal" { -1.5 } else { -0.5 };
        all.push(reason(score, "one_way", None));
    }
    all
}

/// What the state of the company says, whoever speaks.
fn state(case: &Case, figures: &Figures, choice: &Choice) -> Vec<View> {
    let is = |condition: &str| holds(condition, figures);
    let firm = if case.mandate() == "financial" { 1.5 } else { 0.7 };
    let mut all = vec![];
    if choice.spends() && is("runway<6") {
        all.push(reason(if is("runway<3") { -1.4 } else { -0.7 } * firm, "runway_short", Some("runway")));
    } else if choice.spends() && is("runway>12") {
        all.push(reason(0.5, "runway_long", Some("runway")));
    }
    match (choice.lever.as_str(), choice.way() > 0.5) {
        ("retention_program" | "customer_support", true) if is("churn>4") => {
            all.push(reason(0.9, "churn_high", Some("churn")));
        }
        ("marketing_spend", true) if is("ltv_cac>3") => all.push(reason(0.7, "ltv_good", Some("ltv_cac"))),
        ("marketing_spend", true) if is("ltv_cac<2") => all.push(reason(-0.9, "ltv_bad", Some("ltv_cac"))),
        ("marketing_spend" | "sales_team", false) if is("ltv_cac>3&runway>9") && choice.direction != "keep" => {
            all.push(reason(-1.1, "ltv_good", Some("ltv_cac")));
        }
        ("new_market" | "new_product", false) if is("runway>18") => {
            all.push(reason(-1.0, "runway_long", Some("runway")));
        }
        ("pricing", true) if is("gross_margin<35&!~gross_margin") => {
            all.push(reason(0.7, "margin_thin", Some("gross_margin")));
        }
        ("discounts", true) if is("gross_margin<35&!~gross_margin") => {
            all.push(reason(-1.0, "margin_thin", Some("gross_margin")));
        }
        ("cost_reduction" | "receivables" | "financing", true) if is("runway<6") => {
            all.push(reason(1.0, "runway_need", Some("runway")));
        }
        ("capacity" | "headcount", true) if is("capacity_use>85") => {
            all.push(reason(0.7, "capacity_full", Some("capacity_use")));
        }
        ("quality_program", true) if is("defect_rate>3") => all.push(reason(0.8, "defects", Some("defect_rate"))),
        ("compliance" | "contracts", true) if is("legal_exposure>0") => {
            all.push(reason(0.8, "exposure", Some("legal_exposure")));
        }
        _ => (),
    }
    all
}

/// What it does to what the problem is measured by, and to the rest.
fn effect(case: &Case, main: &str, choice: &Choice) -> Option<View> {
    let rank = |metric: &str| if metric == main { 2 } else { 1 };
    let (metric, change) = choice.effects.iter().filter(|(_, change)| *change != 0.0).max_by_key(|(m, _)| rank(m))?;
    let good = names::metric(metric).is_none_or(|known| (known.good == "up") == (*change > 0.0));
    let hope = 1.0 + tables().roles.optimism.get(case.mandate()).copied().unwrap_or(0.0) * 2.0;
    let size = if metric == main { 0.6 } else { 0.3 } * hope;
    let reason = if good { "effect_good" } else { "effect_bad" };
    Some(View {
        score: if good { size } else { -size },
        by_facts: 0.0,
        reason,
        metric: Some(metric.clone()),
        fact: None,
    })
}

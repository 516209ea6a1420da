//! What does a client ask of a new execution?

use super::{
    language::{self, KNOWN, Language},
    numbers::{NumberBody, Numbers},
};
use crate::json::Object;
use http::HeaderMap;
use proto::{
    Failure, Reason,
    engine::{Brief, Constraint, Depth},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

const MAX_PROBLEM: usize = 20_000;
const MAX_NAME: usize = 200;
const MAX_CONSTRAINTS: usize = 20;
/// In days.
const HORIZON: std::ops::RangeInclusive<i32> = 30..=1095;
const KINDS: [&str; 5] = ["budget_cap", "deadline", "metric_min", "metric_max", "forbidden"];

/// A problem, and how it is to be looked at.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "problem_description": "Vendas caíram 20% em três meses", "business_type": "SaaS", "analysis_depth": "Padrão",
    "facts": {"revenue": 180000, "churn": 4.5},
    "constraints": [{"kind": "budget_cap", "value": 50000}],
}))]
pub(crate) struct NewExecution {
    /// The problem in your own words, 1 to 20,000 characters.
    #[schema(min_length = 1, max_length = 20_000)]
    problem_description: String,
    /// Such as `SaaS` or `restaurante`, 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    business_type: String,
    /// `quick`, `standard` or `deep`; or `Rápida`, `Padrão` or `Profunda`, in any case and with or without accents.
    analysis_depth: String,
    /// `pt-BR` or `en`. Default: what `Accept-Language` asks for; or else pt-BR for a depth in Portuguese; or else that of the
    /// workspace.
    locale: Option<String>,
    /// ISO 4217, of every amount. Default: that of the first amount in the problem, or else that of the workspace.
    currency: Option<String>,
    /// How far it looks ahead, 30 to 1,095 days. Default: 180.
    #[schema(minimum = 30, maximum = 1095)]
    horizon_days: Option<i32>,
    /// What is known in numbers, each key once, at most 60. In short: an object of numbers by key. Reckoned with are
    /// `revenue`, `revenue_growth`, `gross_margin`, `operating_costs`, `fixed_costs`, `payroll`, `marketing_spend`,
    /// `net_income`, `ebitda`, `cash`, `burn`, `runway`, `debt`, `interest_rate`, `receivables_days`,
    /// `payables_days`, `inventory_days`, `inventory`, `customers`, `new_customers`, `churn`, `retention`, `arpu`,
    /// `average_ticket`, `cac`, `ltv`, `ltv_cac`, `conversion`, `leads`, `nps`, `price`, `discount`, `market_share`,
    /// `market_growth`, `price_elasticity`, `headcount`, `employee_turnover`, `productivity`, `capacity_use`,
    /// `lead_time`, `defect_rate`, `on_time_delivery`, `support_tickets`, `uptime`, `legal_exposure`, `tax_rate`,
    /// `investment`, `payback`, `discount_rate`;
    /// all others are told to the agents as they are. Flows are of a month, money is in whole units, percentages are 5 for 5 %.
    #[schema(value_type = Option<Vec<NumberBody>>)]
    facts: Option<Numbers>,
    /// What no decision may break, at most 20.
    #[schema(value_type = Option<Vec<NewConstraint>>)]
    constraints: Option<Vec<Object<NewConstraint>>>,
    /// A model or an alias of the workspace. Default: that of the installation.
    model: Option<String>,
    /// Ask for what is missing, rather than assume it: `phase` is then `awaiting_input` until `POST …/answers`.
    #[serde(default)]
    interactive: bool,
}

/// What no decision may break.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ExecutionConstraint)]
struct NewConstraint {
    /// `budget_cap`, `deadline` (days from now), `metric_min`, `metric_max` or `forbidden`.
    kind: String,
    /// Of `metric_min` and `metric_max` a metric, of `forbidden` a lever: `retention_program`, `pricing`,
    /// `discounts`, `marketing_spend`, `sales_team`, `channel_mix`, `product_investment`, `quality_program`,
    /// `customer_support`, `cost_reduction`, `headcount`, `capacity`, `automation`, `inventory`, `supplier_terms`,
    /// `receivables`, `financing`, `debt_restructuring`, `new_market`, `new_product`, `product_line`, `partnerships`,
    /// `contracts`, `compliance`, `measurement`, `pilot`, `training`, `people_retention`.
    key: Option<String>,
    /// Of all but `forbidden`.
    value: Option<f64>,
    /// In your own words.
    text: Option<String>,
}

/// The same as far as the edge understands it.
pub(super) struct Wanted {
    /// Without the currency, if none was given.
    pub brief: Brief,
    pub depth: Depth,
    /// None: as the workspace has it.
    pub language: Option<Language>,
    pub model: Option<String>,
    pub interactive: bool,
    /// Of what the client sent.
    pub sha256: Vec<u8>,
}

impl NewExecution {
    /// Errors: `REFUSED_VALUE` with every field that is wrong.
    pub(super) fn read(self, headers: &HeaderMap) -> Result<Wanted, Failure> {
        let problems = self.problems();
        let (Some((depth, is_portuguese)), true) = (language::depth(&self.analysis_depth), problems.is_empty()) else {
            return Err(refused(problems));
        };
        let sha256 = Sha256::digest(serde_json::to_vec(&self).unwrap_or_default()).to_vec();
        let chosen = self.locale.as_deref().and_then(Language::parse).or_else(|| Language::accepted(headers));
        let language = chosen.or_else(|| is_portuguese.then_some(Language::Portuguese));
        let constraints = self.constraints.unwrap_or_default();
        let brief = Brief {
            problem_description: self.problem_description,
            business_type: self.business_type,
            facts: self.facts.unwrap_or_default().into_facts(),
            constraints: constraints.into_iter().map(|Object(constraint)| constraint.into()).collect(),
            horizon_days: self.horizon_days.unwrap_or_default(),
            currency: self.currency.unwrap_or_default(),
        };
        Ok(Wanted { brief, depth, language, model: self.model, interactive: self.interactive, sha256 })
    }

    fn problems(&self) -> Vec<(String, String)> {
        let mut problems = vec![];
        let mut say = |field: &str, problem: String| problems.push((field.to_owned(), problem));
        let fits = |text: &str, most: usize| !text.trim().is_empty() && text.chars().count() <= most;
        if !fits(&self.problem_description, MAX_PROBLEM) {
            say("problem_description", format!("must be 1 to {MAX_PROBLEM} characters"));
        }
        if !fits(&self.business_type, MAX_NAME) {
            say("business_type", format!("must be 1 to {MAX_NAME} characters"));
        }
        if language::depth(&self.analysis_depth).is_none() {
            say("analysis_depth", "must be quick, standard or deep; or Rápida, Padrão or Profunda".to_owned());
        }
        if self.locale.as_deref().is_some_and(|locale| Language::parse(locale).is_none()) {
            say("locale", KNOWN.to_owned());
        }
        if self.currency.as_deref().is_some_and(|c| c.len() != 3 || !c.bytes().all(|byte| byte.is_ascii_uppercase())) {
            say("currency", "must be an ISO 4217 code such as BRL".to_owned());
        }
        if self.horizon_days.is_some_and(|days| !HORIZON.contains(&days)) {
            say("horizon_days", format!("must be from {} to {}", HORIZON.start(), HORIZON.end()));
        }
        if self.model.as_deref().is_some_and(|model| !fits(model, MAX_NAME)) {
            say("model", format!("must be 1 to {MAX_NAME} characters"));
        }
        problems.extend(self.facts.iter().flat_map(|facts| facts.problems("facts")));
        problems.extend(self.problems_of_constraints());
        problems
    }

    fn problems_of_constraints(&self) -> Vec<(String, String)> {
        let constraints = self.constraints.as_deref().unwrap_or_default();
        let mut problems = vec![];
        if constraints.len() > MAX_CONSTRAINTS {
            problems.push(("constraints".to_owned(), format!("must be at most {MAX_CONSTRAINTS}")));
        }
        for (at, Object(constraint)) in constraints.iter().enumerate() {
            if !KINDS.contains(&constraint.kind.as_str()) {
                problems.push((format!("constraints[{at}].kind"), format!("must be one of {}", KINDS.join(", "))));
            } else if constraint.value.is_none() && constraint.kind != "forbidden" {
                problems.push((format!("constraints[{at}].value"), "must be given".to_owned()));
            }
        }
        problems
    }
}

/// The failure of fields that are well formed and not accepted.
pub(super) fn refused(problems: Vec<(String, String)>) -> Failure {
    let first = problems.first().map(|(field, problem)| format!("{field} {problem}"));
    let failure = Reason::RefusedValue.with(first.unwrap_or_default());
    problems.into_iter().fold(failure, |failure, (field, problem)| failure.field(field, problem))
}

impl From<NewConstraint> for Constraint {
    fn from(new: NewConstraint) -> Self {
        let NewConstraint { kind, key, value, text } = new;
        Self { kind, key: key.unwrap_or_default(), value, text: text.unwrap_or_default() }
    }
}

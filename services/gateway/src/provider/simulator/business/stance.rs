//! Is a role for going on, against it, or for it under conditions?

use super::{case::Case, condition::holds, figures::Figures, plays::Move, tables::Family};

/// Kinds of problems in which going on means spending.
const SPENDING: &[&str] = &["growth", "launch", "merger", "competition"];

/// Its stance; the first line that holds counts.
pub fn stance(case: &Case, figures: &Figures, family: &Family, moves: &[Move]) -> &'static str {
    let is = |condition: &str| holds(condition, figures);
    let spends = SPENDING.contains(&family.key.as_str());
    let cost: f64 = moves.iter().map(|m| m.cost.1).sum();
    let over = case.limits.cap.is_some_and(|cap| cost > cap);
    match case.role.as_str() {
        "reviewer" | "chair" => "abstain",
        "financial" if spends && is("runway<6|invest_cash>60|debt_months>6") => "oppose",
        "financial" if is("runway>12") && !over => "support",
        "financial" if is("runway<1.5") => "oppose",
        "financial" => "conditional",
        "commercial" if is("runway<2") => "conditional",
        "commercial" if is("capacity_use>95|gross_margin<12") => "conditional",
        "commercial" => "support",
        "market" if is("gross_margin<25&!~gross_margin|market_growth<-2") => "conditional",
        "market" if spends && is("market_share>50") => "oppose",
        "market" => "support",
        "operations" if spends && is("capacity_use>92|defect_rate>8|employee_turnover>8") => "oppose",
        "operations" if is("capacity_use>85|defect_rate>3|employee_turnover>4|on_time_delivery<90") => "conditional",
        "operations" => "support",
        "risk_legal" if is("exposure_share>50") => "oppose",
        "risk_legal" if moves.iter().any(|m| m.play.one_way) || !case.limits.forbidden.is_empty() => "conditional",
        "risk_legal" if is("legal_exposure>0|x_client_share>30") || spends => "conditional",
        "risk_legal" => "support",
        _ if is("facts<3") => "conditional",
        _ if is("runway<4|gross_margin<15|churn>8") => "conditional",
        _ => "support",
    }
}

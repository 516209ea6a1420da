//! How is one number computed from others?

/// One way to a number; of several with the same name the first that can be computed counts.
pub struct Formula {
    /// What it gives.
    pub name: &'static str,
    /// In which unit.
    pub unit: &'static str,
    /// From what, in order.
    pub inputs: &'static [&'static str],
    /// Whether it may be zero or less.
    pub signed: bool,
    /// From the values of the inputs.
    pub compute: fn(&[f64]) -> f64,
}

const fn positive(
    name: &'static str,
    unit: &'static str,
    inputs: &'static [&'static str],
    compute: fn(&[f64]) -> f64,
) -> Formula {
    Formula { name, unit, inputs, signed: false, compute }
}

const fn signed(
    name: &'static str,
    unit: &'static str,
    inputs: &'static [&'static str],
    compute: fn(&[f64]) -> f64,
) -> Formula {
    Formula { name, unit, inputs, signed: true, compute }
}

/// In an order in which each comes after what it needs.
pub const FORMULAS: &[Formula] = &[
    positive("revenue", "money", &["customers", "arpu"], |v| v[0] * v[1]),
    positive("operating_costs", "money", &["revenue", "net_income"], |v| v[0] - v[1]),
    positive("operating_costs", "money", &["revenue", "gross_margin", "fixed_costs"], |v| {
        v[0] * (1.0 - v[1] / 100.0) + v[2]
    }),
    positive("burn", "money", &["operating_costs", "revenue"], |v| v[0] - v[1]),
    positive("burn", "money", &["net_income"], |v| -v[0]),
    positive("burn", "money", &["cash", "runway"], |v| v[0] / v[1]),
    positive("runway", "months", &["cash", "burn"], |v| v[0] / v[1]),
    positive("churn", "percent", &["retention"], |v| 100.0 - v[0]),
    positive("arpu", "money", &["revenue", "customers"], |v| v[0] / v[1]),
    positive("cac", "money", &["marketing_spend", "new_customers"], |v| v[0] / v[1]),
    positive("lifetime", "months", &["churn"], |v| 100.0 / v[0]),
    positive("ltv", "money", &["arpu", "gross_margin", "lifetime"], |v| v[0] * v[1] / 100.0 * v[2]),
    positive("ltv_cac", "ratio", &["ltv", "cac"], |v| v[0] / v[1]),
    positive("cac_payback", "months", &["cac", "arpu", "gross_margin"], |v| v[0] / (v[1] * v[2] / 100.0)),
    positive("customers_lost", "count", &["customers", "churn"], |v| v[0] * v[1] / 100.0),
    positive("revenue_churn_year", "money", &["revenue", "churn"], |v| {
        let kept = 1.0 - (v[1] / 100.0).clamp(0.0, 1.0);
        12.0 * v[0] * (1.0 - kept.powi(12))
    }),
    signed("cash_end", "money", &["cash", "burn", "months_ahead"], |v| (v[0] - v[1] * v[2]).max(0.0)),
    positive("revenue_lost_month", "money", &["revenue", "revenue_growth"], |v| {
        if v[1] > -100.0 { v[0] / (1.0 + v[1] / 100.0) - v[0] } else { f64::NAN }
    }),
    positive("gross_profit", "money", &["revenue", "gross_margin"], |v| v[0] * v[1] / 100.0),
    positive("break_even", "money", &["fixed_costs", "gross_margin"], |v| v[0] / (v[1] / 100.0)),
    signed("break_even_gap", "money", &["revenue", "break_even"], |v| v[0] - v[1]),
    positive("price_point", "money", &["revenue"], |v| v[0] * 0.01),
    positive("client_loss", "money", &["revenue", "x_client_share"], |v| v[0] * v[1] / 100.0),
    positive("debt_months", "months", &["debt", "revenue"], |v| v[0] / v[1]),
    positive("debt_interest", "money", &["debt", "interest_rate"], |v| v[0] * v[1] / 100.0),
    positive("receivable_ten", "money", &["revenue"], |v| v[0] / 3.0),
    positive("inventory", "money", &["inventory_days", "revenue", "gross_margin"], |v| {
        v[0] / 30.0 * v[1] * (1.0 - v[2] / 100.0)
    }),
    positive("inventory_release", "money", &["inventory"], |v| v[0] * 0.2),
    positive("revenue_head", "money", &["revenue", "headcount"], |v| v[0] / v[1]),
    positive("payroll_share", "percent", &["payroll", "revenue"], |v| v[0] / v[1] * 100.0),
    positive("turnover_cost", "money", &["payroll", "employee_turnover"], |v| v[0] * v[1] / 100.0 * 3.0),
    positive("defect_cost", "money", &["revenue", "defect_rate"], |v| v[0] * v[1] / 100.0),
    positive("late_revenue", "money", &["revenue", "on_time_delivery"], |v| v[0] * (1.0 - v[1] / 100.0)),
    positive("spare_capacity", "percent", &["capacity_use"], |v| 100.0 - v[0]),
    positive("extra_conversion", "money", &["leads", "average_ticket"], |v| v[0] * v[1] * 0.01),
    positive("extra_conversion", "money", &["leads", "arpu"], |v| v[0] * v[1] * 0.01),
    positive("marketing_share", "percent", &["marketing_spend", "revenue"], |v| v[0] / v[1] * 100.0),
    positive("exposure_share", "percent", &["legal_exposure", "cash"], |v| v[0] / v[1] * 100.0),
    positive("invest_cash", "percent", &["investment", "cash"], |v| v[0] / v[1] * 100.0),
    positive("cap_cash", "percent", &["cap", "cash"], |v| v[0] / v[1] * 100.0),
    positive("cap_revenue", "percent", &["cap", "revenue"], |v| v[0] / v[1] * 100.0),
    positive("cost_share", "percent", &["operating_costs", "revenue"], |v| v[0] / v[1] * 100.0),
    positive("saving_tenth", "money", &["operating_costs"], |v| v[0] * 0.1),
    signed("growth_gap", "points", &["revenue_growth", "market_growth"], |v| v[0] - v[1]),
];

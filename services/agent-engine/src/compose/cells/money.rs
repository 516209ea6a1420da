//! What code computed: the course of the money.

use super::Table;
use crate::{
    domain::{
        finance::{Scenario, Scenarios},
        registry,
    },
    read::slug,
};

pub(super) fn add(table: &mut Table<'_>, scenarios: &Scenarios) {
    let none = String::new();
    course(table, "s_", &scenarios.base, &none);
    let label = table.pick("nothing decided", "sem a decisão");
    course(table, "s_unchanged_", &scenarios.unchanged, &format!(" ({label})"));
    if let Some(best) = &scenarios.optimistic {
        let label = table.pick("best case", "cenário otimista");
        course(table, "s_optimistic_", best, &format!(" ({label})"));
    }
    if let Some(worst) = &scenarios.pessimistic {
        let label = table.pick("worst case", "cenário pessimista");
        course(table, "s_pessimistic_", worst, &format!(" ({label})"));
    }
    let gain = scenarios.base.total_net - scenarios.unchanged.total_net;
    let label =
        table.pick("Gain over the horizon against deciding nothing", "Ganho no horizonte em relação a nada mudar");
    table.put("s_gain", gain, "money", label, "computed:gain".into());
    for input in &scenarios.inputs {
        let unit = registry::metric(&input.key).map_or("money", |metric| metric.unit.as_str());
        let label = format!(
            "{} ({})",
            registry::label(&input.key, table.style.locale),
            table.pick("input", "premissa de cálculo")
        );
        // Facts are cells already; agreed values too.
        if !matches!(input.source.as_str(), "fact" | "agreed") {
            let origin = format!("computed:input_{}", input.key);
            table.put(&format!("used_{}", slug(&input.key)), input.value, unit, label, origin);
        }
    }
}

fn course(table: &mut Table<'_>, prefix: &str, scenario: &Scenario, of: &str) {
    let is_decided = prefix != "s_unchanged_";
    let mut money = |name: &str, value: f64, en: &str, pt: &str| {
        let label = table.pick(en, pt) + of;
        table.put(&format!("{prefix}{name}"), value, "money", label, format!("computed:{prefix}{name}"));
    };
    money("total_net", scenario.total_net, "Net result over the horizon", "Resultado líquido no horizonte");
    if let Some(cash) = scenario.end_cash {
        money("end_cash", cash, "Cash at the end of the horizon", "Caixa ao fim do horizonte");
    }
    if is_decided {
        money("npv", scenario.npv, "Net present value of the decision", "Valor presente líquido da decisão");
        let spent: f64 = scenario.months.iter().map(|month| month.investment).sum();
        if spent >= 0.0 {
            money("investment", spent, "Investment over the horizon", "Investimento no horizonte");
        } else {
            // More comes in once, from receivables and stocks, than is spent: no reader knows a negative investment.
            let (en, pt) = ("Cash set free, after what is spent", "Caixa liberado, já descontados os gastos");
            money("released", -spent, en, pt);
        }
    }
    if let Some(months) = scenario.runway_months {
        let label = table.pick("Runway", "Fôlego de caixa") + of;
        table.put(&format!("{prefix}runway"), months, "months", label, format!("computed:{prefix}runway"));
    }
    if let Some(month) = scenario.payback_month.filter(|_| is_decided) {
        let label = table.pick("Payback", "Retorno do investimento") + of;
        table.put(&format!("{prefix}payback"), f64::from(month), "months", label, format!("computed:{prefix}payback"));
    }
    if let Some(month) = scenario.cash_out_month {
        let label = table.pick("Month in which the cash runs out", "Mês em que o caixa acaba") + of;
        let (id, text) = (format!("{prefix}cash_out_month"), table.style.month(month));
        table.put_as(&id, f64::from(month), "months", text, label, format!("computed:{id}"));
    }
}

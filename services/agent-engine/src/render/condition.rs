//! What does a machine mean that says `code:detail`?

use super::{number::Numbers, text};
use crate::domain::{locale::Locale, registry, report::Report, role::Role};

/// A condition of a decision, for people: `budget_cap:50000` is `Within the budget limit: R$ 50.000`. What is a sentence
/// already stays as it is.
pub(super) fn condition(code: &str, report: &Report, numbers: Numbers<'_>) -> String {
    let clean = text::one_line(code);
    let (code, detail) = clean.split_once(':').unwrap_or((&clean, ""));
    let (code, detail) = (code.trim(), detail.trim());
    if !is_code(code) {
        return clean;
    }
    let locale = numbers.locale;
    let Some(label) = label(code, locale) else {
        let label = text::humanised(code);
        return joined(&label, &named(detail, report, numbers));
    };
    let amount = detail.parse::<f64>().ok().filter(|amount| amount.is_finite());
    let detail = match (code, amount) {
        ("budget_cap" | "budget" | "cost", Some(amount)) => numbers.money(amount),
        ("deadline", Some(day)) => format!("{} {}", locale.pick("day", "dia"), numbers.whole(day)),
        ("metric_min" | "metric_max", _) => metric(detail, numbers),
        _ => named(detail, report, numbers),
    };
    joined(label, &detail)
}

fn is_code(code: &str) -> bool {
    !code.is_empty() && code.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, b'_' | b'-'))
}

fn label(code: &str, locale: Locale) -> Option<&'static str> {
    Some(match code {
        "budget_cap" | "budget" => locale.pick("Within the budget limit", "Dentro do limite de orçamento"),
        "cost" => locale.pick("Cost", "Custo"),
        "deadline" => locale.pick("Within the deadline", "Dentro do prazo"),
        "constraint" => locale.pick("Within the constraints of the client", "Dentro das restrições do cliente"),
        "depends_on" | "requires" => locale.pick("Depends on", "Depende de"),
        "forbidden" => locale.pick("Forbidden by a constraint", "Proibido por restrição"),
        "metric_min" => locale.pick("Not below", "Não abaixo de"),
        "metric_max" => locale.pick("Not above", "Não acima de"),
        "excludes" | "excluded_by" | "exclusive" => locale.pick("Excludes", "Exclui"),
        "veto" | "reversibility_veto" => locale.pick("Opposed by", "Contestada por"),
        "reversible" => locale.pick("Must stay reversible", "Deve continuar reversível"),
        "pilot" => locale.pick("Pilot first", "Piloto antes"),
        "review" => locale.pick("To be reviewed", "A ser revista"),
        "quorum" => locale.pick("Quorum of the vote", "Quórum da votação"),
        "tie" => locale.pick("As many for it as against", "Empate na votação"),
        _ => return None,
    })
}

fn joined(label: &str, detail: &str) -> String {
    if detail.is_empty() { label.to_owned() } else { format!("{label}: {detail}") }
}

/// `churn:3` or `churn=3` as `Churn 3%`.
fn metric(detail: &str, numbers: Numbers<'_>) -> String {
    let (key, value) = detail.split_once([':', '=']).unwrap_or((detail, ""));
    let label = registry::label(key.trim(), numbers.locale);
    match value.trim().parse::<f64>() {
        Ok(value) => format!("{label} {}", numbers.of_metric(value, key.trim())),
        Err(_) => label,
    }
}

/// Keys of levers and metrics, roles, choices and numbers by their names, one or more of them.
fn named(detail: &str, report: &Report, numbers: Numbers<'_>) -> String {
    let name = |one: &str| {
        let locale = numbers.locale;
        if registry::lever(one).is_some() || registry::metric(one).is_some() {
            return registry::lever_label(one, locale);
        }
        if let Some(role) = Role::ALL.into_iter().find(|role| role.as_str() == one) {
            return role.label(locale).to_owned();
        }
        if let Some(choice) = report.meeting.choices.iter().find(|choice| choice.id == one) {
            return text::one_line(&choice.statement);
        }
        match one.parse::<f64>() {
            Ok(value) if value.is_finite() => numbers.trimmed(value, 2),
            _ if is_code(one) => text::one_line(&one.strip_prefix("x_").unwrap_or(one).replace('_', " ")),
            _ => one.to_owned(),
        }
    };
    let all = detail.split([',', ';']).map(str::trim).filter(|one| !one.is_empty()).map(name);
    all.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::{super::sample, *};

    #[test]
    fn every_code_is_worded_in_both_languages() {
        let cases = [
            ("budget_cap:50000", "Within the budget limit: R$50,000", "Dentro do limite de orçamento: R$ 50.000"),
            ("constraint", "Within the constraints of the client", "Dentro das restrições do cliente"),
            ("depends_on:pricing", "Depends on: Prices", "Depende de: Preços"),
            ("forbidden:discounts", "Forbidden by a constraint: Discounts", "Proibido por restrição: Descontos"),
            ("deadline:90", "Within the deadline: day 90", "Dentro do prazo: dia 90"),
            ("metric_max:churn:3.5", "Not above: Churn 3.5%", "Não acima de: Churn 3,5%"),
            ("veto:financial", "Opposed by: Financial", "Contestada por: Financeiro"),
            ("new_code:x_some_thing", "New code: some thing", "New code: some thing"),
            ("new_code", "New code", "New code"),
            (
                "Only if the bank agrees: in writing",
                "Only if the bank agrees: in writing",
                "Only if the bank agrees: in writing",
            ),
            ("budget_cap:NaN", "Within the budget limit: nan", "Dentro do limite de orçamento: nan"),
        ];
        let report = sample::quick(Locale::En);
        for (code, en, pt) in cases {
            for (locale, wanted) in [(Locale::En, en), (Locale::PtBr, pt)] {
                let said = condition(code, &report, Numbers { locale, currency: "BRL" });
                assert_eq!(said.to_lowercase(), wanted.to_lowercase(), "{code}");
            }
        }
    }
}

//! What does a machine mean that says `code:detail`?

use super::{
    format::Style,
    topic::{lowered, subject},
};
use crate::domain::{locale::Locale, meeting::Meeting, registry};

/// A condition of a decision as a part of a sentence: what it keeps to where it `holds`, or else what stood in the way.
/// Empty: it says nothing to people.
pub(super) fn condition(code: &str, holds: bool, meeting: &Meeting, style: Style<'_>) -> String {
    let locale = style.locale;
    let (code, detail) = code.split_once(':').unwrap_or((code, ""));
    match code {
        "budget_cap" | "deadline" => room(code == "deadline", detail, holds, style),
        "metric_min" | "metric_max" => limit(code == "metric_min", detail, style),
        "forbidden" | "depends_on" | "requires" => lever(code, detail, holds, locale),
        "excluded_by" => match locale {
            Locale::En => format!("the board chose to {} instead", subject(detail, meeting, locale)),
            Locale::PtBr => format!("a mesa preferiu {}", subject(detail, meeting, locale)),
        },
        "focus" => match locale {
            Locale::En => format!("the board takes on {detail} measures at a time, and this one comes after them"),
            Locale::PtBr => format!("a mesa conduz {detail} medidas por vez, e esta vem depois delas"),
        },
        "tie" => tie(detail, locale).to_owned(),
        "one_way_margin" => locale
            .pick(
                "there is no way back from it, and the majority was too small",
                "não tem volta, e a maioria foi pequena",
            )
            .to_owned(),
        "constraint" => stated(detail, holds, locale),
        _ => other(code, detail, locale),
    }
}

fn lever(code: &str, key: &str, holds: bool, locale: Locale) -> String {
    if key.is_empty() {
        let (en, pt) = ("what it depends on must come first", "o que vem antes precisa acontecer");
        return locale.pick(en, pt).to_owned();
    }
    let name = lowered(&registry::lever_label(key, locale));
    match (code, holds, locale) {
        ("forbidden", _, Locale::En) => format!("the client does not want to touch {name}"),
        ("forbidden", _, Locale::PtBr) => format!("o cliente não quer mexer em {name}"),
        ("requires", _, Locale::En) => format!("{name} must come first, and nobody proposed it"),
        ("requires", _, Locale::PtBr) => format!("exige antes {name}, e ninguém propôs isso"),
        (_, true, Locale::En) => format!("{name} must come first"),
        (_, true, Locale::PtBr) => format!("antes vem {name}"),
        (_, false, Locale::En) => format!("it depends on {name}, which was not adopted"),
        (_, false, Locale::PtBr) => format!("depende de {name}, e isso não foi adotado"),
    }
}

/// Money and time.
fn room(is_time: bool, detail: &str, holds: bool, style: Style<'_>) -> String {
    let (en, pt) = match (is_time, holds) {
        (false, true) => ("within the budget", "dentro do orçamento"),
        (false, false) => ("it does not fit into the budget", "não cabe no orçamento"),
        (true, true) => ("within the deadline", "dentro do prazo"),
        (true, false) => ("it does not meet the deadline", "não termina dentro do prazo"),
    };
    let text = style.locale.pick(en, pt);
    match detail.parse::<f64>().ok().filter(|amount| amount.is_finite()) {
        Some(amount) => {
            let amount = style.number(amount, if is_time { "days" } else { "money" });
            format!("{text} {} {amount}", style.locale.pick("of", "de"))
        }
        None => text.to_owned(),
    }
}

fn limit(is_least: bool, detail: &str, style: Style<'_>) -> String {
    let (key, value) = detail.split_once([':', '=']).unwrap_or((detail, ""));
    let label = lowered(&registry::label(key, style.locale));
    let unit = registry::metric(key).map_or("count", |metric| metric.unit.as_str());
    match (value.parse::<f64>().ok().filter(|value| value.is_finite()), style.locale, is_least) {
        (Some(value), Locale::En, true) => format!("{label} of at least {}", style.number(value, unit)),
        (Some(value), Locale::En, false) => format!("{label} of at most {}", style.number(value, unit)),
        (Some(value), Locale::PtBr, true) => format!("{label} de no mínimo {}", style.number(value, unit)),
        (Some(value), Locale::PtBr, false) => format!("{label} de no máximo {}", style.number(value, unit)),
        (None, Locale::En, true) => format!("{label} not below its limit"),
        (None, Locale::En, false) => format!("{label} not above its limit"),
        (None, Locale::PtBr, true) => format!("{label} não abaixo do limite"),
        (None, Locale::PtBr, false) => format!("{label} não acima do limite"),
    }
}

fn tie(why: &str, locale: Locale) -> &'static str {
    match why {
        "one_way" => {
            locale.pick("the vote was tied, and there is no way back from it", "houve empate, e não tem volta")
        }
        "cost" => locale.pick("the vote was tied, and it is not cheap", "houve empate, e o custo não é baixo"),
        _ => locale.pick("the vote was tied", "houve empate"),
    }
}

fn stated(detail: &str, holds: bool, locale: Locale) -> String {
    if detail.contains(' ') {
        return detail.trim().to_owned();
    }
    let text = if holds {
        locale.pick("within the limits of the client", "dentro dos limites do cliente")
    } else {
        locale.pick("it breaks a limit of the client", "ultrapassa um limite do cliente")
    };
    text.to_owned()
}

/// Words of people stay; codes that nobody knows say nothing.
fn other(code: &str, detail: &str, locale: Locale) -> String {
    if code.contains(' ') {
        return if detail.is_empty() { code.to_owned() } else { format!("{code}:{detail}") };
    }
    if registry::lever(detail).is_some() || registry::metric(detail).is_some() {
        return lowered(&registry::lever_label(detail, locale));
    }
    if detail.contains(' ') { detail.trim().to_owned() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(code: &str, holds: bool) -> (String, String) {
        let say = |locale, currency| condition(code, holds, &Meeting::default(), Style { locale, currency });
        (say(Locale::PtBr, "BRL"), say(Locale::En, "USD"))
    }

    #[test]
    fn no_code_is_left() {
        for (code, pt, en) in [
            ("budget_cap:50000", "dentro do orçamento de R$ 50 mil", "within the budget of $50K"),
            ("deadline:90", "dentro do prazo de 90 dias", "within the deadline of 90 days"),
            ("metric_min:runway:6", "fôlego de caixa de no mínimo 6 meses", "runway of at least 6 months"),
            ("metric_max:churn", "churn não acima do limite", "churn not above its limit"),
            ("forbidden:pricing", "o cliente não quer mexer em preços", "the client does not want to touch prices"),
            ("depends_on:pilot", "antes vem projeto-piloto", "pilot project must come first"),
            ("constraint:budget_cap", "dentro dos limites do cliente", "within the limits of the client"),
            (
                "focus:6",
                "a mesa conduz 6 medidas por vez, e esta vem depois delas",
                "the board takes on 6 measures at a time, and this one comes after them",
            ),
            ("tie:cost", "houve empate, e o custo não é baixo", "the vote was tied, and it is not cheap"),
            ("unknown_code:x_1", "", ""),
            ("vote again in March", "vote again in March", "vote again in March"),
        ] {
            assert_eq!(both(code, true), (pt.to_owned(), en.to_owned()), "{code}");
        }
    }

    #[test]
    fn what_stood_in_the_way_is_told_as_such() {
        for (code, pt, en) in [
            ("budget_cap:50000", "não cabe no orçamento de R$ 50 mil", "it does not fit into the budget of $50K"),
            ("deadline:90", "não termina dentro do prazo de 90 dias", "it does not meet the deadline of 90 days"),
            (
                "depends_on:pilot",
                "depende de projeto-piloto, e isso não foi adotado",
                "it depends on pilot project, which was not adopted",
            ),
            ("constraint:x", "ultrapassa um limite do cliente", "it breaks a limit of the client"),
        ] {
            assert_eq!(both(code, false), (pt.to_owned(), en.to_owned()), "{code}");
        }
    }
}

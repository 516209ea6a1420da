//! What does the decision cost, and what does it bring?

use super::Plain;
use crate::{
    compose::topic::of_outcome,
    domain::{locale::Locale, meeting::Outcome},
};

/// Sentences on the money; none where nothing is known.
pub(super) fn money(plain: &Plain<'_>) -> Vec<String> {
    let mut sentences: Vec<String> = Vec::new();
    if of_outcome(plain.parts.meeting, Outcome::Adopted).is_empty() {
        return unchanged(plain).into_iter().collect();
    }
    sentences.extend(cost(plain));
    sentences.extend(cash(plain));
    sentences.extend(returns(plain));
    sentences.extend(end(plain));
    sentences
}

/// Nothing was decided: there is one course only.
fn unchanged(plain: &Plain<'_>) -> Option<String> {
    let (cash, horizon) = (plain.text("s_unchanged_end_cash")?, plain.text("horizon")?);
    Some(match plain.locale() {
        Locale::En => format!("If nothing changes, cash reaches {cash} after {horizon}."),
        Locale::PtBr => format!("Se nada mudar, o caixa chega a {cash} ao fim de {horizon}."),
    })
}

fn cost(plain: &Plain<'_>) -> Option<String> {
    let cost = plain.text("total_cost")?;
    let cap = plain.text("budget_cap");
    Some(match (cap, plain.locale()) {
        (Some(cap), Locale::En) => format!("All that was adopted costs {cost}, with a budget limit of {cap}."),
        (Some(cap), Locale::PtBr) => format!("Tudo o que foi adotado custa {cost}, com limite de orçamento de {cap}."),
        (None, Locale::En) => format!("All that was adopted costs {cost}."),
        (None, Locale::PtBr) => format!("Tudo o que foi adotado custa {cost}."),
    })
}

fn cash(plain: &Plain<'_>) -> Option<String> {
    let horizon = plain.text("horizon")?;
    let pair = |id: &str| Some((plain.text(id)?, plain.text(&id.replace("s_", "s_unchanged_"))?));
    if let Some((cash, unchanged)) = pair("s_end_cash") {
        return Some(match plain.locale() {
            Locale::En => format!("With it, cash reaches {cash} after {horizon}; without it, {unchanged}."),
            Locale::PtBr => format!("Com isso, o caixa chega a {cash} ao fim de {horizon}; sem isso, a {unchanged}."),
        });
    }
    let (net, unchanged) = pair("s_total_net")?;
    Some(match plain.locale() {
        Locale::En => format!("With it, the net result over {horizon} is {net}; without it, {unchanged}."),
        Locale::PtBr => format!("Com isso, o resultado líquido em {horizon} é de {net}; sem isso, de {unchanged}."),
    })
}

fn returns(plain: &Plain<'_>) -> Option<String> {
    let npv = plain.text("s_npv")?;
    let has_cost = plain.cells.get("s_investment").is_some_and(|spent| spent.value > 0.0);
    Some(match (plain.text("s_payback").filter(|_| has_cost), plain.locale()) {
        (Some(months), Locale::En) => {
            format!("It has earned what it cost after {months}, and its net present value is {npv}.")
        }
        (Some(months), Locale::PtBr) => {
            format!("O investimento se paga em {months}, e o valor presente líquido é de {npv}.")
        }
        (None, Locale::En) if has_cost => {
            format!("It does not earn what it costs within the horizon; its net present value is {npv}.")
        }
        (None, Locale::PtBr) if has_cost => {
            format!("O investimento não se paga dentro do horizonte; o valor presente líquido é de {npv}.")
        }
        (None, Locale::En) => format!("Its net present value is {npv}."),
        (None, Locale::PtBr) => format!("O valor presente líquido é de {npv}."),
    })
}

fn end(plain: &Plain<'_>) -> Option<String> {
    match (plain.text("s_cash_out_month"), plain.text("s_unchanged_cash_out_month"), plain.locale()) {
        (Some(month), _, Locale::En) => Some(format!("Even so, the cash runs out in {month}.")),
        (Some(month), _, Locale::PtBr) => Some(format!("Mesmo assim, o caixa acaba no {month}.")),
        (None, Some(month), Locale::En) => Some(format!("If nothing were decided, the cash would run out in {month}.")),
        (None, Some(month), Locale::PtBr) => Some(format!("Se nada fosse decidido, o caixa acabaria no {month}.")),
        (None, None, _) => None,
    }
}

/// How far the other scenarios are apart; none where there are none.
pub(super) fn spread(plain: &Plain<'_>) -> Option<String> {
    if of_outcome(plain.parts.meeting, Outcome::Adopted).is_empty() {
        return None;
    }
    let both = |name: &str| {
        Some((plain.text(&format!("s_optimistic_{name}"))?, plain.text(&format!("s_pessimistic_{name}"))?))
    };
    let (best, worst) = both("end_cash").or_else(|| both("total_net"))?;
    Some(match plain.locale() {
        Locale::En => format!("In the best case the horizon ends with {best}, in the worst case with {worst}."),
        Locale::PtBr => format!("No melhor cenário o horizonte termina com {best}; no pior, com {worst}."),
    })
}

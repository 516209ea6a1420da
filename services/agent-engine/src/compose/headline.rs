//! What was decided, in one sentence?

use super::topic::{list, of_outcome, phrase};
use crate::domain::{
    brief::Brief,
    finance::Scenarios,
    locale::Locale,
    meeting::{Meeting, Outcome},
    report::Cell,
};
use std::collections::BTreeMap;

/// More are counted.
const NAMED: usize = 3;

/// The decision with the figure that matters most: what it does to the cash, or to the result, or else what it costs.
pub fn headline(
    brief: &Brief,
    meeting: &Meeting,
    scenarios: Option<&Scenarios>,
    cells: &BTreeMap<String, Cell>,
) -> String {
    let locale = brief.locale;
    let adopted = of_outcome(meeting, Outcome::Adopted);
    let figure = figure(scenarios.is_some() && !adopted.is_empty(), cells, locale);
    let cost = cells.get("total_cost").filter(|cost| cost.value > 0.0).map(|cost| match locale {
        Locale::En => format!(" at a cost of {}", cost.text),
        Locale::PtBr => format!(" ao custo de {}", cost.text),
    });
    let what = match adopted.len() {
        0 => locale.pick("change nothing for now", "não mudar nada por enquanto").to_owned(),
        count => {
            let mut phrases: Vec<String> = adopted.iter().take(NAMED).map(|choice| phrase(choice, locale)).collect();
            match (count.saturating_sub(NAMED), locale) {
                (0, _) => {}
                (1, Locale::En) => phrases.push("one more measure".into()),
                (1, Locale::PtBr) => phrases.push("mais uma medida".into()),
                (rest, Locale::En) => phrases.push(format!("{rest} more measures")),
                (rest, Locale::PtBr) => phrases.push(format!("mais {rest} medidas")),
            }
            list(&phrases, locale)
        }
    };
    let cost = cost.filter(|_| !adopted.is_empty()).unwrap_or_default();
    format!("{}: {what}{cost}{figure}.", locale.pick("Decision", "Decisão"))
}

fn figure(is_decided: bool, cells: &BTreeMap<String, Cell>, locale: Locale) -> String {
    let text = |id: &str| cells.get(id).map(|cell| cell.text.as_str());
    if !is_decided {
        return String::new();
    }
    let horizon = text("horizon").unwrap_or_default();
    match (text("s_end_cash"), text("s_unchanged_end_cash"), text("s_total_net"), locale) {
        (Some(cash), Some(unchanged), _, Locale::En) => {
            format!("; cash of {cash} after {horizon}, against {unchanged} if nothing changes")
        }
        (Some(cash), Some(unchanged), _, Locale::PtBr) => {
            format!("; caixa de {cash} ao fim de {horizon}, contra {unchanged} se nada mudar")
        }
        (_, _, Some(net), Locale::En) => format!("; net result of {net} over {horizon}"),
        (_, _, Some(net), Locale::PtBr) => format!("; resultado líquido de {net} em {horizon}"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{cells, sample::sample},
        *,
    };
    use crate::{
        domain::meeting::Decision,
        prose::{orphans, speaks},
    };

    fn said(sample: &super::super::sample::Sample, with_money: bool) -> String {
        let scenarios = sample.scenarios.as_ref().filter(|_| with_money);
        let cells = cells(&sample.brief, &sample.opinions, &sample.meeting, scenarios);
        let text = headline(&sample.brief, &sample.meeting, scenarios, &cells);
        assert_eq!(orphans(&text, &cells, sample.brief.locale), [""; 0], "{text}");
        assert!(speaks(&text, sample.brief.locale), "{text}");
        text
    }

    #[test]
    fn the_decision_is_one_sentence_with_its_figure() {
        assert_eq!(
            said(&sample(Locale::PtBr), true),
            "Decisão: iniciar o programa de retenção e medir e acompanhar os resultados ao custo de R$ 40 mil; caixa de \
             R$ 321 mil ao fim de 180 dias, contra R$ 210 mil se nada mudar."
        );
        assert_eq!(
            said(&sample(Locale::En), true),
            "Decision: start the retention programme and measure and follow up results at a cost of R$40K; cash of \
             R$321K after 180 days, against R$210K if nothing changes."
        );
        assert!(said(&sample(Locale::PtBr), false).ends_with("ao custo de R$ 40 mil."));
        let mut none = sample(Locale::En);
        none.meeting.decisions.retain(|decision: &Decision| decision.outcome != Outcome::Adopted);
        assert_eq!(said(&none, true), "Decision: change nothing for now.");
    }
}

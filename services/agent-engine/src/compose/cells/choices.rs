//! What choices cost and bring, and which values were agreed on.

use super::{
    super::topic::{decision, metric, metric_label, of_outcome, phrase},
    Table,
};
use crate::{
    domain::{
        ballot::Choice,
        meeting::{Meeting, Outcome},
        opinion::{Effect, Range},
        registry,
    },
    read::slug,
};

pub(super) fn add(table: &mut Table<'_>, meeting: &Meeting) {
    for choice in &meeting.choices {
        cost(table, choice);
        // Of what is not done only the cost is of interest.
        if decision(meeting, choice).is_some_and(|decision| decision.outcome == Outcome::Adopted) {
            effects(table, choice);
            days(table, choice);
        }
    }
    total(table, meeting);
    agreed(table, meeting);
}

/// In the middle, and both ends where they are apart.
fn cost(table: &mut Table<'_>, choice: &Choice) {
    let Some(cost) = choice.cost else { return };
    let (label, origin) = (labelled(table, choice, "Cost", "Custo"), format!("choice:{}", choice.id));
    let id = format!("{}_cost", choice.id);
    table.put(&id, middle(cost), "money", label.clone(), origin.clone());
    if cost.low < cost.high {
        let (least, most) = (table.pick("at least", "mínimo"), table.pick("at most", "máximo"));
        table.put(&format!("{id}_low"), cost.low, "money", format!("{label} ({least})"), origin.clone());
        table.put(&format!("{id}_high"), cost.high, "money", format!("{label} ({most})"), origin);
    }
}

fn effects(table: &mut Table<'_>, choice: &Choice) {
    for (n, effect) in choice.effects.iter().enumerate() {
        let Effect { metric, low, high, .. } = effect;
        let unit = registry::metric(metric).map_or("count", |metric| metric.unit.as_str());
        let name = metric_label(metric, table.style.locale);
        let label = format!("{} ({name})", labelled(table, choice, "Effect", "Efeito"));
        let suffix = if n == 0 { String::new() } else { format!("_{}", slug(metric)) };
        let id = format!("{}_effect{suffix}", choice.id);
        let value = middle(Range { low: *low, high: *high });
        for (id, value) in [(id.clone(), value), (format!("{id}_low"), *low), (format!("{id}_high"), *high)] {
            let is_end = id.ends_with("_low") || id.ends_with("_high");
            if !is_end || low < high {
                let text = table.style.change(value, unit);
                table.put_as(&id, value, unit, text, label.clone(), format!("choice:{}", choice.id));
            }
        }
    }
}

fn days(table: &mut Table<'_>, choice: &Choice) {
    let label = labelled(table, choice, "Ends by day", "Termina até o dia");
    let origin = format!("choice:{}", choice.id);
    table.put(&format!("{}_end", choice.id), f64::from(choice.end_day), "days", label, origin.clone());
    if choice.start_day > 0 {
        let label = labelled(table, choice, "Starts on day", "Começa no dia");
        table.put(&format!("{}_start", choice.id), f64::from(choice.start_day), "days", label, origin);
    }
}

fn total(table: &mut Table<'_>, meeting: &Meeting) {
    let costs: Vec<f64> = of_outcome(meeting, Outcome::Adopted).iter().filter_map(|c| c.cost.map(middle)).collect();
    if !costs.is_empty() {
        let label = table.pick("Cost of all that was adopted", "Custo de tudo o que foi adotado");
        table.put("total_cost", costs.iter().sum(), "money", label, "computed:total_cost".into());
    }
}

fn agreed(table: &mut Table<'_>, meeting: &Meeting) {
    for decision in meeting.decisions.iter().filter(|decision| decision.outcome == Outcome::Agreed) {
        let Some(value) = decision.value else { continue };
        let unit = registry::metric(metric(&decision.topic).0).map_or("count", |metric| metric.unit.as_str());
        let label =
            format!("{} ({})", metric_label(&decision.topic, table.style.locale), table.pick("agreed", "acordado"));
        let (id, origin) = (format!("m_{}", slug(&decision.topic)), format!("decision:{}", decision.topic));
        table.put(&id, value.point, unit, label.clone(), origin.clone());
        if value.low < value.high {
            table.put(&format!("{id}_low"), value.low, unit, label.clone(), origin.clone());
            table.put(&format!("{id}_high"), value.high, unit, label, origin);
        }
    }
}

fn labelled(table: &Table<'_>, choice: &Choice, en: &str, pt: &str) -> String {
    format!("{}: {}", table.pick(en, pt), phrase(choice, table.style.locale))
}

/// Of what can be.
pub(in crate::compose) fn middle(range: Range) -> f64 {
    range.low / 2.0 + range.high / 2.0
}

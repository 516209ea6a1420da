//! What does each agent think?

use super::{
    super::{
        block::{Block, Cell, Column, Table},
        name,
        number::NONE,
        text,
    },
    Context, or_none,
};
use crate::domain::{
    opinion::{Claim, Opinion, Recommendation},
    registry,
};

/// One part for each agent: where it stands, what it claims, what it recommends.
pub(super) fn blocks(context: Context<'_>) -> Vec<Block> {
    context.report.opinions.iter().flat_map(|opinion| of_one(opinion, context)).collect()
}

fn of_one(opinion: &Opinion, context: Context<'_>) -> Vec<Block> {
    let Context { words, locale, numbers, .. } = context;
    let stance = name::stance(opinion.stance, locale);
    let confidence = numbers.share(opinion.confidence);
    let mut blocks = vec![
        Block::Subheading(opinion.role.label(locale).to_owned()),
        Block::Intro(format!("{stance} · {} {confidence}", words.confidence_of)),
    ];
    let headline = text::clean(&opinion.headline);
    if !headline.is_empty() {
        blocks.push(Block::Strong(headline));
    }
    if !opinion.claims.is_empty() {
        blocks.push(Block::Table(claims(&opinion.claims, context)));
    }
    if !opinion.recommendations.is_empty() {
        blocks.push(Block::Table(recommendations(&opinion.recommendations, context)));
    }
    let unknowns = opinion.unknowns.iter().map(|unknown| text::clean(unknown));
    let unknowns: Vec<_> = unknowns.filter(|unknown| !unknown.is_empty()).collect();
    if !unknowns.is_empty() {
        blocks.push(Block::Intro(format!("{}:", words.unknowns)));
        blocks.push(Block::Bullets(unknowns));
    }
    blocks
}

fn claims(claims: &[Claim], context: Context<'_>) -> Table {
    let words = context.words;
    let row = |claim: &Claim| {
        vec![
            Cell::from(or_none(&claim.statement)),
            figure(claim, context),
            context.numbers.share(claim.confidence).into(),
            basis(claim, context).into(),
        ]
    };
    let columns = vec![
        Column::text(words.statement, 5),
        Column::text(words.figure, 3),
        Column::number(words.confidence),
        Column::text(words.basis, 2),
    ];
    Table { columns, rows: claims.iter().map(row).collect() }
}

/// The number of a claim, of what it is, and where it is going.
fn figure(claim: &Claim, context: Context<'_>) -> Cell {
    let unit = claim.unit.as_deref().unwrap_or_default();
    let number = claim.value.map(|value| context.numbers.interval(value, unit, claim.period.as_deref()));
    let metric = claim.metric.as_deref().filter(|key| registry::metric(key).is_some()).map(|key| context.label(key));
    let trend = claim.trend.map(|trend| name::trend(trend, context.locale).to_owned());
    let about: Vec<_> = metric.into_iter().chain(trend).filter(|part| !part.is_empty()).collect();
    Cell::from(number.unwrap_or_else(|| NONE.to_owned())).with_note(about.join(", "))
}

/// Which kinds of evidence a claim has, each once.
fn basis(claim: &Claim, context: Context<'_>) -> String {
    let mut said: Vec<String> = vec![];
    for evidence in &claim.evidence {
        let kind = name::evidence(evidence.kind, context.locale);
        // Words of a model's own say nothing to people, and are in its language.
        let is_known =
            registry::metric(&evidence.reference).is_some() || registry::lever(&evidence.reference).is_some();
        let reference = if is_known || evidence.reference.contains(' ') {
            context.label(&evidence.reference)
        } else {
            String::new()
        };
        let one = if reference.is_empty() { kind.to_owned() } else { format!("{kind}: {reference}") };
        if !said.contains(&one) {
            said.push(one);
        }
    }
    if said.is_empty() { context.words.no_reason.to_owned() } else { said.join("\n") }
}

fn recommendations(recommendations: &[Recommendation], context: Context<'_>) -> Table {
    let Context { words, locale, numbers, .. } = context;
    let row = |one: &Recommendation| {
        let days = format!("{} {}–{}", locale.pick("days", "dias"), one.start_day, one.end_day);
        vec![
            Cell::from(or_none(&one.statement)).with_note(context.moved(&one.lever, one.direction)),
            effects(one, context).into(),
            Cell::from(days).with_note(or_none(&one.owner)),
            one.cost.map_or_else(|| NONE.to_owned(), |cost| numbers.range(cost)).into(),
            name::priority(one.priority, locale).into(),
        ]
    };
    let columns = vec![
        Column::text(words.recommendation, 5),
        Column::text(words.effects, 3),
        Column::text(words.period, 2),
        Column::text(words.cost, 2),
        Column::short(words.priority),
    ];
    Table { columns, rows: recommendations.iter().map(row).collect() }
}

/// `Churn: -1% to -0.5%`, one a line.
fn effects(recommendation: &Recommendation, context: Context<'_>) -> String {
    let lines = recommendation.effects.iter().map(|effect| {
        let [low, high] = [effect.low, effect.high].map(|value| change(value, &effect.metric, context));
        let ends = if low == high { low } else { format!("{low} {} {high}", context.locale.pick("to", "a")) };
        format!("{}: {ends}", context.label(&effect.metric))
    });
    or_none(&lines.collect::<Vec<_>>().join("\n"))
}

/// A change with its sign.
fn change(value: f64, metric: &str, context: Context<'_>) -> String {
    let unit = registry::metric(metric).map_or("", |metric| metric.unit.as_str());
    // A change of a percentage is in points: -1.6 of 4.8% is 3.2%.
    let written = match unit {
        "percent" if value.is_finite() => format!("{} {}", context.numbers.trimmed(value, 2), context.words.points),
        unit => context.numbers.of(value, unit),
    };
    if value > 0.0 && value.is_finite() { format!("+{written}") } else { written }
}

//! How is an invoice shown by a browser?

use super::{
    Language,
    shown::{Block, Row, Shown, Sum, Weight},
};
use crate::invoice::document::Document;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};

const TEMPLATE: &str = include_str!("../../../templates/invoice.html");

/// One page that needs nothing from elsewhere and runs nothing. What customers call themselves is text on it, whatever
/// they call themselves. Errors: the template is broken.
pub(crate) fn html(document: &Document, language: Language) -> Result<String, String> {
    let mut environment = Environment::new();
    // A page with a hole in it is worse than none.
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let values = values(&Shown::new(document, language));
    environment.render_str(TEMPLATE, values).map_err(|error| format!("the page of an invoice: {error:#}"))
}

fn values(shown: &Shown<'_>) -> Value {
    let words = shown.words;
    let labels = context! {
        invoice => words.invoice, description => words.description, period => words.period,
        quantity => words.quantity, amount => words.amount, instructions => words.instructions,
    };
    let facts = shown.facts().into_iter().map(|(label, value)| context! { label => label, value => value });
    context! {
        lang => shown.language.tag(),
        title => shown.title(),
        issuer => shown.document.issuer.name.trim(),
        labels => labels,
        facts => Value::from_iter(facts),
        blocks => Value::from_iter(shown.blocks().iter().map(block)),
        headline => shown.headline(),
        rows => Value::from_iter(shown.rows().iter().map(row)),
        sums => Value::from_iter(shown.sums().iter().map(sum)),
        instructions => shown.instructions(),
        footer => shown.footer(),
    }
}

fn block(block: &Block<'_>) -> Value {
    context! { label => block.label, name => block.name, lines => Value::from_iter(block.lines.iter().copied()) }
}

fn row(row: &Row<'_>) -> Value {
    context! {
        description => row.description.as_str(), note => row.note, period => row.period.as_str(),
        quantity => row.quantity.as_str(), amount => row.amount.as_str(),
    }
}

fn sum(sum: &Sum) -> Value {
    let weight = match sum.weight {
        Weight::Light => "light",
        Weight::Plain => "plain",
        Weight::Strong => "strong",
    };
    context! { label => sum.label.as_str(), amount => sum.amount.as_str(), weight => weight }
}

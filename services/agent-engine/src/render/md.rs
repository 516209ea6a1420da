//! How is a report written as Markdown?
//!
//! CommonMark with the tables of GitHub. What agents wrote is text in it, whatever they wrote.

mod escape;
mod table;

use super::{
    block::{Block, Document, Title},
    content,
};
use crate::domain::{locale::Locale, report::Report};
use escape::{escaped, heading};
use table::{figures, lines, matrix, table};

/// The whole report as one text.
pub(super) fn md(report: &Report, locale: Locale) -> String {
    let Document { title, blocks } = content::document(report, locale);
    let parts = std::iter::once(head(&title)).chain(blocks.iter().filter_map(block));
    let mut text = parts.collect::<Vec<_>>().join("\n\n");
    text.push('\n');
    text
}

fn head(title: &Title) -> String {
    let facts = title.facts.iter().map(|[label, value]| format!("- **{}:** {}", escaped(label), escaped(value)));
    let facts: Vec<_> = facts.collect();
    format!("# {}\n\n{}\n\n{}", heading(&title.text), escaped(&title.kind), facts.join("\n"))
}

/// None of what only a picture can show: its numbers stand in tables.
fn block(block: &Block) -> Option<String> {
    Some(match block {
        Block::Heading(text) => format!("## {}", heading(text)),
        Block::Subheading(text) => format!("### {}", heading(text)),
        Block::Lead(text) => format!("> **{}**", escape::one_line(text)),
        Block::Strong(text) => format!("**{}**", escape::one_line(text)),
        Block::Paragraph(text) | Block::Intro(text) | Block::Note(text) => escaped(text),
        Block::Bullets(all) => {
            all.iter().map(|one| format!("- {}", escape::one_line(one))).collect::<Vec<_>>().join("\n")
        }
        Block::Callout { title, text, lines } => callout(title, text, lines),
        Block::Figures(all) => figures(all),
        Block::Table(all) => table(all),
        Block::Lines(chart) => lines(chart),
        Block::Matrix(all) => matrix(all),
        Block::Plan(_) => return None,
    })
}

fn callout(title: &str, text: &str, lines: &[String]) -> String {
    let mut out = format!("> **{}**\n>\n> {}", escape::one_line(title), escape::one_line(text));
    if !lines.is_empty() {
        out.push_str("\n>");
    }
    for line in lines {
        out.push_str(&format!("\n> - {}", escape::one_line(line)));
    }
    out
}

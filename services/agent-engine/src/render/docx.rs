//! How is a report written for a word processor?
//!
//! An Office Open XML package with as few parts as it takes. Styles are real ones, so that whoever works on it changes
//! the look in one place; tables are real ones, and the chart is one that the word processor draws.

mod body;
mod chart;
mod drawing;
mod figures;
mod grid;
mod matrix;
mod package;
mod parts;
mod plan;
mod properties;
mod running;
mod styles;
mod table;
#[cfg(test)]
mod tests;
mod xml;

use super::{RenderError, block::Block, content, words::Words};
use crate::domain::{locale::Locale, report::Report};

/// The report as a package.
pub(super) fn docx(report: &Report, locale: Locale) -> Result<Vec<u8>, RenderError> {
    let document = content::document(report, locale);
    let words = Words::of(locale);
    let charts: Vec<_> = document
        .blocks
        .iter()
        .filter_map(|block| match block {
            Block::Lines(chart) => Some(chart::part(chart, locale)),
            _ => None,
        })
        .collect();
    let mut parts = vec![
        ("[Content_Types].xml".to_owned(), parts::content_types(charts.len())),
        ("_rels/.rels".to_owned(), parts::package_relations()),
        ("docProps/core.xml".to_owned(), properties::core(&document.title, report, words)),
        ("docProps/app.xml".to_owned(), properties::app(words)),
        ("word/document.xml".to_owned(), body::document(&document, locale)),
        ("word/_rels/document.xml.rels".to_owned(), parts::document_relations(charts.len())),
        ("word/styles.xml".to_owned(), styles::styles(locale)),
        ("word/settings.xml".to_owned(), parts::settings()),
        ("word/numbering.xml".to_owned(), parts::numbering()),
        ("word/footer1.xml".to_owned(), running::footer(words)),
        ("word/header1.xml".to_owned(), running::header(&document.title)),
        ("word/header2.xml".to_owned(), running::first_header()),
    ];
    parts.extend(charts.into_iter().zip(1..).map(|(chart, n)| (format!("word/charts/chart{n}.xml"), chart)));
    package::packed(&parts)
}

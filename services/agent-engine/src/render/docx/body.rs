//! How do blocks become paragraphs, tables and drawings?

use super::{
    super::block::{Block, Document, Title},
    drawing, figures,
    grid::{Grid, Shade},
    matrix,
    parts::{R, W},
    plan,
    styles::FAINT,
    table,
    xml::Xml,
};
use crate::domain::locale::Locale;

/// The main part.
pub(super) fn document(document: &Document, locale: Locale) -> String {
    let drawings = drawing::SPACES;
    let spaces: Vec<_> = [W, R].into_iter().chain(drawings).collect();
    Xml::part("w:document", &spaces, |xml| {
        xml.within("w:body", &[], |xml| {
            title(xml, &document.title);
            let mut charts = 0;
            for block in &document.blocks {
                if let Block::Lines(chart) = block {
                    charts += 1;
                    paragraph(xml, "Heading2", |xml| run(xml, &chart.title));
                    paragraph(xml, "Chart", |xml| drawing::chart(xml, chart, charts));
                } else {
                    one(xml, block, locale);
                }
            }
            section(xml);
        });
    })
}

fn title(xml: &mut Xml, title: &Title) {
    paragraph(xml, "Kind", |xml| run(xml, &title.kind));
    paragraph(xml, "Title", |xml| run(xml, &title.text));
    let grid = Grid { widths: vec![3_222; 3], style: None };
    grid.draw(xml, |xml| {
        for row in title.facts.chunks(3) {
            grid.row(xml, false, |xml| {
                for n in 0..3 {
                    let [label, value] = row.get(n).map_or(["", ""], |[label, value]| [label, value]);
                    grid.cell(xml, n, Shade::default(), |xml| {
                        paragraph(xml, "TableNote", |xml| run(xml, label));
                        paragraph(xml, "Fact", |xml| run(xml, value));
                    });
                }
            });
        }
    });
    spacer(xml);
}

fn one(xml: &mut Xml, block: &Block, locale: Locale) {
    match block {
        Block::Heading(text) => paragraph(xml, "Heading1", |xml| run(xml, text)),
        Block::Subheading(text) => paragraph(xml, "Heading2", |xml| run(xml, text)),
        Block::Lead(text) => paragraph(xml, "Lead", |xml| run(xml, text)),
        Block::Strong(text) => paragraph(xml, "Summary", |xml| run(xml, text)),
        Block::Paragraph(text) => paragraph(xml, "Normal", |xml| run(xml, text)),
        Block::Intro(text) => paragraph(xml, "Intro", |xml| run(xml, text)),
        Block::Note(text) => paragraph(xml, "Note", |xml| run(xml, text)),
        Block::Bullets(items) => items.iter().for_each(|item| paragraph(xml, "ListBullet", |xml| run(xml, item))),
        Block::Callout { title, text, lines } => {
            callout(xml, title, text, lines);
        }
        Block::Figures(all) => figures::draw(xml, all),
        Block::Table(all) => table::draw(xml, all),
        Block::Matrix(all) => matrix::draw(xml, all),
        Block::Plan(all) => plan::draw(xml, all, locale),
        Block::Lines(_) => {}
    }
}

/// A box of one cell.
fn callout(xml: &mut Xml, title: &str, text: &str, lines: &[String]) {
    let grid = Grid { widths: vec![9_666], style: Some("CalloutTable") };
    grid.draw(xml, |xml| {
        grid.row(xml, false, |xml| {
            grid.cell(xml, 0, Shade { fill: Some(FAINT), ..Shade::default() }, |xml| {
                paragraph(xml, "CalloutTitle", |xml| run(xml, title));
                paragraph(xml, "Callout", |xml| run(xml, text));
                lines.iter().for_each(|line| paragraph(xml, "Callout", |xml| run(xml, &format!("• {line}"))));
            });
        });
    });
    spacer(xml);
}

/// A paragraph of this style.
pub(super) fn paragraph(xml: &mut Xml, style: &str, inside: impl FnOnce(&mut Xml)) {
    aligned(xml, style, "", inside);
}

/// A paragraph of this style that stands at `right` or in the `center`; without a word where the style says.
pub(super) fn aligned(xml: &mut Xml, style: &str, at: &str, inside: impl FnOnce(&mut Xml)) {
    xml.within("w:p", &[], |xml| {
        xml.within("w:pPr", &[], |xml| {
            xml.set("w:pStyle", style);
            if !at.is_empty() {
                xml.set("w:jc", at);
            }
        });
        inside(xml);
    });
}

/// A text as the style of its paragraph has it.
pub(super) fn run(xml: &mut Xml, text: &str) {
    styled(xml, text, false, None);
}

/// A text that is stronger than its paragraph, or of another colour.
pub(super) fn styled(xml: &mut Xml, text: &str, is_strong: bool, color: Option<&str>) {
    xml.within("w:r", &[], |xml| {
        if is_strong || color.is_some() {
            xml.within("w:rPr", &[], |xml| {
                if is_strong {
                    xml.leaf("w:b", &[]);
                }
                if let Some(color) = color {
                    xml.set("w:color", color);
                }
            });
        }
        for (n, line) in text.lines().enumerate() {
            if n > 0 {
                xml.leaf("w:br", &[]);
            }
            xml.texts("w:t", &[("xml:space", "preserve")], &unbroken(line));
        }
    });
}

/// The sign of a currency and its amount stay on one line.
fn unbroken(text: &str) -> String {
    let mut parts = text.split("$ ");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_amount = part.starts_with(|c: char| c.is_ascii_digit());
        out.push_str(if is_amount { "$\u{a0}" } else { "$ " });
        out.push_str(part);
    }
    out
}

/// A small area of this colour.
pub(super) fn shaded(xml: &mut Xml, color: &str) {
    xml.within("w:r", &[], |xml| {
        xml.within("w:rPr", &[], |xml| {
            xml.leaf("w:shd", &[("w:val", "clear"), ("w:color", "auto"), ("w:fill", color)]);
        });
        xml.texts("w:t", &[("xml:space", "preserve")], "\u{a0}\u{a0}\u{a0}\u{a0}\u{a0}");
    });
}

/// Tables that touch would be one.
pub(super) fn spacer(xml: &mut Xml) {
    paragraph(xml, "Spacer", |_| {});
}

/// A4, with the margins of the PDF.
fn section(xml: &mut Xml) {
    xml.within("w:sectPr", &[], |xml| {
        for (name, kind, id) in [
            ("w:headerReference", "default", "rId5"),
            ("w:headerReference", "first", "rId6"),
            ("w:footerReference", "default", "rId4"),
            ("w:footerReference", "first", "rId4"),
        ] {
            xml.leaf(name, &[("w:type", kind), ("r:id", id)]);
        }
        xml.leaf("w:pgSz", &[("w:w", "11906"), ("w:h", "16838")]);
        let sides = [("w:top", "1300"), ("w:right", "1120"), ("w:bottom", "1200"), ("w:left", "1120")];
        let rest = [("w:header", "680"), ("w:footer", "600"), ("w:gutter", "0")];
        xml.leaf("w:pgMar", &sides.into_iter().chain(rest).collect::<Vec<_>>());
        xml.leaf("w:titlePg", &[]);
    });
}

//! How is a table written, whatever is in it?

use super::xml::Xml;

/// How wide the columns are, in twentieths of a point.
pub(super) struct Grid {
    pub widths: Vec<i64>,
    /// Of tables that have lines.
    pub style: Option<&'static str>,
}

/// What is behind and around a cell.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shade<'a> {
    pub fill: Option<&'a str>,
    /// A line of this colour below it.
    pub below: Option<&'a str>,
    /// And above it.
    pub above: Option<&'a str>,
    /// So many columns wide; 0: one.
    pub span: usize,
}

impl Grid {
    /// The table, rows inside.
    pub fn draw(&self, xml: &mut Xml, rows: impl FnOnce(&mut Xml)) {
        xml.within("w:tbl", &[], |xml| {
            xml.within("w:tblPr", &[], |xml| {
                if let Some(style) = self.style {
                    xml.set("w:tblStyle", style);
                }
                let width: i64 = self.widths.iter().sum();
                xml.leaf("w:tblW", &[("w:w", &width.to_string()), ("w:type", "dxa")]);
                // Texts in cells begin where texts outside do.
                let indent = if self.style == Some("ReportTable") { "-65" } else { "0" };
                xml.leaf("w:tblInd", &[("w:w", indent), ("w:type", "dxa")]);
                xml.leaf("w:tblLayout", &[("w:type", "fixed")]);
                if self.style.is_none() {
                    xml.within("w:tblCellMar", &[], |xml| {
                        for side in ["w:left", "w:right"] {
                            xml.leaf(side, &[("w:w", "0"), ("w:type", "dxa")]);
                        }
                    });
                }
            });
            xml.within("w:tblGrid", &[], |xml| {
                for width in &self.widths {
                    xml.leaf("w:gridCol", &[("w:w", &width.to_string())]);
                }
            });
            rows(xml);
        });
    }

    /// A row, cells inside; a head is shown again on each page.
    pub fn row(&self, xml: &mut Xml, is_head: bool, cells: impl FnOnce(&mut Xml)) {
        xml.within("w:tr", &[], |xml| {
            xml.within("w:trPr", &[], |xml| {
                xml.leaf("w:cantSplit", &[]);
                if is_head {
                    xml.leaf("w:tblHeader", &[]);
                }
            });
            cells(xml);
        });
    }

    /// The cell of this column, paragraphs inside.
    pub fn cell(&self, xml: &mut Xml, column: usize, shade: Shade<'_>, inside: impl FnOnce(&mut Xml)) {
        xml.within("w:tc", &[], |xml| {
            xml.within("w:tcPr", &[], |xml| {
                let span = shade.span.max(1);
                let width: i64 = self.widths.iter().skip(column).take(span).sum();
                xml.leaf("w:tcW", &[("w:w", &width.to_string()), ("w:type", "dxa")]);
                if span > 1 {
                    xml.set("w:gridSpan", &span.to_string());
                }
                borders(xml, shade);
                if let Some(fill) = shade.fill {
                    xml.leaf("w:shd", &[("w:val", "clear"), ("w:color", "auto"), ("w:fill", fill)]);
                }
            });
            inside(xml);
        });
    }
}

fn borders(xml: &mut Xml, shade: Shade<'_>) {
    if shade.above.is_none() && shade.below.is_none() {
        return;
    }
    xml.within("w:tcBorders", &[], |xml| {
        for (side, color) in [("w:top", shade.above), ("w:bottom", shade.below)] {
            if let Some(color) = color {
                xml.leaf(side, &[("w:val", "single"), ("w:sz", "8"), ("w:space", "0"), ("w:color", color)]);
            }
        }
    });
}

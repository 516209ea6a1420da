//! How does each kind of text look?

use super::{parts::W, xml::Xml};
use crate::domain::locale::Locale;

/// The accent, as PDF has it.
pub(super) const ACCENT: &str = "12495D";
/// Its lighter strengths.
pub(super) const MIDDLE: &str = "4F8496";
/// See [`MIDDLE`].
pub(super) const LIGHT: &str = "9FC1CC";
/// See [`MIDDLE`].
pub(super) const FAINT: &str = "DAE9EE";
/// Cards and what is empty.
pub(super) const PAPER: &str = "F5F4F2";
/// Between rows.
pub(super) const PALE: &str = "D9D6D4";
const BLACK: &str = "1C1917";
const GREY: &str = "6B6561";

/// How one style looks.
struct Look {
    id: &'static str,
    name: &'static str,
    /// In half points.
    size: u32,
    is_bold: bool,
    color: &'static str,
    /// Above and below, in twentieths of a point.
    air: [u32; 2],
    /// It stays on the page of what follows.
    is_before: bool,
    /// From 0, of headings.
    level: Option<u8>,
}

const LOOK: Look =
    Look { id: "", name: "", size: 19, is_bold: false, color: BLACK, air: [0, 140], is_before: false, level: None };

const LOOKS: [Look; 22] = [
    Look { id: "Kind", name: "Kind", size: 18, is_bold: true, color: ACCENT, air: [0, 120], is_before: true, ..LOOK },
    Look { id: "Title", name: "Title", size: 42, is_bold: true, air: [0, 240], is_before: true, ..LOOK },
    Look {
        id: "Heading1",
        name: "heading 1",
        size: 30,
        is_bold: true,
        color: ACCENT,
        air: [480, 180],
        is_before: true,
        level: Some(0),
    },
    Look {
        id: "Heading2",
        name: "heading 2",
        size: 21,
        is_bold: true,
        air: [280, 100],
        is_before: true,
        level: Some(1),
        ..LOOK
    },
    Look { id: "Lead", name: "Lead", size: 25, is_bold: true, color: ACCENT, air: [0, 200], ..LOOK },
    Look { id: "Summary", name: "Summary", is_bold: true, is_before: true, ..LOOK },
    Look { id: "Intro", name: "Intro", size: 16, color: GREY, is_before: true, ..LOOK },
    Look { id: "Note", name: "Note", size: 16, color: GREY, ..LOOK },
    Look { id: "ListBullet", name: "List Bullet", air: [0, 60], ..LOOK },
    Look { id: "Callout", name: "Callout", air: [0, 0], is_before: true, ..LOOK },
    Look {
        id: "CalloutTitle",
        name: "Callout Title",
        is_bold: true,
        color: ACCENT,
        air: [0, 0],
        is_before: true,
        ..LOOK
    },
    Look { id: "TableText", name: "Table Text", size: 16, air: [0, 0], ..LOOK },
    Look { id: "Fact", name: "Fact", air: [0, 100], ..LOOK },
    Look { id: "TableNote", name: "Table Note", size: 14, color: GREY, air: [0, 0], ..LOOK },
    Look {
        id: "TableHead",
        name: "Table Head",
        size: 15,
        is_bold: true,
        color: ACCENT,
        air: [0, 0],
        is_before: true,
        ..LOOK
    },
    Look {
        id: "FigureValue",
        name: "Figure Value",
        size: 28,
        is_bold: true,
        color: ACCENT,
        air: [80, 20],
        is_before: true,
        ..LOOK
    },
    Look { id: "FigureLabel", name: "Figure Label", size: 15, color: GREY, air: [0, 80], ..LOOK },
    Look { id: "MatrixCell", name: "Matrix Cell", size: 17, is_bold: true, air: [140, 140], ..LOOK },
    Look { id: "Chart", name: "Chart", air: [0, 120], ..LOOK },
    Look { id: "Spacer", name: "Spacer", size: 8, air: [0, 0], ..LOOK },
    Look { id: "Header", name: "header", size: 15, color: GREY, air: [0, 0], ..LOOK },
    Look { id: "Footer", name: "footer", size: 15, color: GREY, air: [0, 0], ..LOOK },
];

/// All styles of the document.
pub(super) fn styles(locale: Locale) -> String {
    Xml::part("w:styles", &[W], |xml| {
        defaults(xml, locale);
        xml.within("w:style", &[("w:type", "paragraph"), ("w:default", "1"), ("w:styleId", "Normal")], |xml| {
            xml.set("w:name", "Normal");
            xml.leaf("w:qFormat", &[]);
        });
        for look in &LOOKS {
            style(xml, look);
        }
        table_style(xml, ["ReportTable", "Report Table"], ["60", "65"]);
        table_style(xml, ["PlanTable", "Plan Table"], ["20", "30"]);
        callout_style(xml);
    })
}

fn defaults(xml: &mut Xml, locale: Locale) {
    let language = locale.pick("en-US", "pt-BR");
    xml.within("w:docDefaults", &[], |xml| {
        xml.within("w:rPrDefault", &[], |xml| {
            xml.within("w:rPr", &[], |xml| {
                let fonts = ["w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"].map(|name| (name, "Arial"));
                xml.leaf("w:rFonts", &fonts);
                xml.set("w:color", BLACK);
                xml.set("w:sz", "19");
                xml.set("w:szCs", "19");
                xml.leaf("w:lang", &[("w:val", language), ("w:eastAsia", language)]);
            });
        });
        xml.within("w:pPrDefault", &[], |xml| {
            xml.within("w:pPr", &[], |xml| {
                xml.leaf("w:spacing", &[("w:after", "140"), ("w:line", "276"), ("w:lineRule", "auto")]);
            });
        });
    });
}

fn style(xml: &mut Xml, look: &Look) {
    xml.within("w:style", &[("w:type", "paragraph"), ("w:styleId", look.id)], |xml| {
        xml.set("w:name", look.name);
        xml.set("w:basedOn", "Normal");
        if look.level.is_some() {
            xml.set("w:next", "Normal");
        }
        xml.leaf("w:qFormat", &[]);
        xml.within("w:pPr", &[], |xml| paragraph(xml, look));
        xml.within("w:rPr", &[], |xml| {
            if look.is_bold {
                xml.leaf("w:b", &[]);
            }
            xml.set("w:color", look.color);
            xml.set("w:sz", &look.size.to_string());
            xml.set("w:szCs", &look.size.to_string());
        });
    });
}

/// In the order in which the schema wants it.
fn paragraph(xml: &mut Xml, look: &Look) {
    if look.is_before {
        xml.leaf("w:keepNext", &[]);
        xml.leaf("w:keepLines", &[]);
    }
    if look.id == "ListBullet" {
        xml.within("w:numPr", &[], |xml| {
            xml.set("w:ilvl", "0");
            xml.set("w:numId", "1");
        });
    }
    border(xml, look.id);
    if matches!(look.id, "Header" | "Footer") {
        xml.within("w:tabs", &[], |xml| xml.leaf("w:tab", &[("w:val", "right"), ("w:pos", "9666")]));
    }
    let [before, after] = look.air.map(|air| air.to_string());
    let line = if look.id == "Spacer" { ("160", "exact") } else { ("264", "auto") };
    let spacing = [("w:before", before.as_str()), ("w:after", &after), ("w:line", line.0), ("w:lineRule", line.1)];
    xml.leaf("w:spacing", &spacing);
    match look.id {
        "Lead" => xml.leaf("w:ind", &[("w:left", "200")]),
        "FigureValue" | "FigureLabel" => xml.leaf("w:ind", &[("w:left", "130"), ("w:right", "60")]),
        _ => {}
    }
    if let Some(level) = look.level {
        xml.set("w:outlineLvl", &level.to_string());
    }
}

fn border(xml: &mut Xml, id: &str) {
    let (side, size, space, color) = match id {
        "Heading1" => ("w:bottom", "4", "4", PALE),
        "Lead" => ("w:left", "24", "8", ACCENT),
        "Header" => ("w:bottom", "4", "4", PALE),
        "Footer" => ("w:top", "4", "6", PALE),
        _ => return,
    };
    xml.within("w:pBdr", &[], |xml| {
        xml.leaf(side, &[("w:val", "single"), ("w:sz", size), ("w:space", space), ("w:color", color)]);
    });
}

/// Thin lines between rows, and air in cells.
fn table_style(xml: &mut Xml, [id, name]: [&str; 2], [above, beside]: [&str; 2]) {
    xml.within("w:style", &[("w:type", "table"), ("w:styleId", id)], |xml| {
        xml.set("w:name", name);
        xml.within("w:tblPr", &[], |xml| {
            xml.within("w:tblBorders", &[], |xml| {
                for side in ["w:bottom", "w:insideH"] {
                    xml.leaf(side, &[("w:val", "single"), ("w:sz", "4"), ("w:space", "0"), ("w:color", PALE)]);
                }
            });
            air(xml, above, beside);
        });
    });
}

/// A box with a mark at its left.
fn callout_style(xml: &mut Xml) {
    xml.within("w:style", &[("w:type", "table"), ("w:styleId", "CalloutTable")], |xml| {
        xml.set("w:name", "Callout Table");
        xml.within("w:tblPr", &[], |xml| {
            xml.within("w:tblBorders", &[], |xml| {
                xml.leaf("w:left", &[("w:val", "single"), ("w:sz", "36"), ("w:space", "0"), ("w:color", ACCENT)]);
            });
            air(xml, "140", "220");
        });
    });
}

fn air(xml: &mut Xml, above: &str, beside: &str) {
    xml.within("w:tblCellMar", &[], |xml| {
        for (side, width) in [("w:top", above), ("w:left", beside), ("w:bottom", above), ("w:right", beside)] {
            xml.leaf(side, &[("w:w", width), ("w:type", "dxa")]);
        }
    });
}

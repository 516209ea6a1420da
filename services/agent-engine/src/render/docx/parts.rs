//! Which parts are there, and how do they find each other?

use super::xml::Xml;

const TYPES: &str = "http://schemas.openxmlformats.org/package/2006/content-types";
const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
/// Of the main part.
pub(super) const W: (&str, &str) = ("xmlns:w", "http://schemas.openxmlformats.org/wordprocessingml/2006/main");
/// Of references from one part to another.
pub(super) const R: (&str, &str) = ("xmlns:r", OFFICE);

/// Which kind each part is of.
pub(super) fn content_types(charts: usize) -> String {
    let word = "application/vnd.openxmlformats-officedocument.wordprocessingml";
    let parts = [
        ("/word/document.xml", format!("{word}.document.main+xml")),
        ("/word/styles.xml", format!("{word}.styles+xml")),
        ("/word/settings.xml", format!("{word}.settings+xml")),
        ("/word/numbering.xml", format!("{word}.numbering+xml")),
        ("/word/footer1.xml", format!("{word}.footer+xml")),
        ("/word/header1.xml", format!("{word}.header+xml")),
        ("/word/header2.xml", format!("{word}.header+xml")),
        ("/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml".to_owned()),
        ("/docProps/app.xml", "application/vnd.openxmlformats-officedocument.extended-properties+xml".to_owned()),
    ];
    Xml::part("Types", &[("xmlns", TYPES)], |xml| {
        let relations = "application/vnd.openxmlformats-package.relationships+xml";
        xml.leaf("Default", &[("Extension", "rels"), ("ContentType", relations)]);
        xml.leaf("Default", &[("Extension", "xml"), ("ContentType", "application/xml")]);
        for (name, kind) in &parts {
            xml.leaf("Override", &[("PartName", name), ("ContentType", kind)]);
        }
        for n in 1..=charts {
            let kind = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml";
            xml.leaf("Override", &[("PartName", &format!("/word/charts/chart{n}.xml")), ("ContentType", kind)]);
        }
    })
}

/// From the package to its parts.
pub(super) fn package_relations() -> String {
    let core = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties";
    Xml::part("Relationships", &[("xmlns", RELATIONS)], |xml| {
        relation(xml, "rId1", &format!("{OFFICE}/officeDocument"), "word/document.xml");
        relation(xml, "rId2", core, "docProps/core.xml");
        relation(xml, "rId3", &format!("{OFFICE}/extended-properties"), "docProps/app.xml");
    })
}

/// From the main part to the others.
pub(super) fn document_relations(charts: usize) -> String {
    let all = [
        ("rId1", "styles", "styles.xml"),
        ("rId2", "settings", "settings.xml"),
        ("rId3", "numbering", "numbering.xml"),
        ("rId4", "footer", "footer1.xml"),
        ("rId5", "header", "header1.xml"),
        ("rId6", "header", "header2.xml"),
    ];
    Xml::part("Relationships", &[("xmlns", RELATIONS)], |xml| {
        for (id, kind, target) in all {
            relation(xml, id, &format!("{OFFICE}/{kind}"), target);
        }
        for n in 1..=charts {
            relation(xml, &chart_id(n), &format!("{OFFICE}/chart"), &format!("charts/chart{n}.xml"));
        }
    })
}

/// By what the main part refers to a chart, from 1.
pub(super) fn chart_id(n: usize) -> String {
    format!("rIdChart{n}")
}

fn relation(xml: &mut Xml, id: &str, kind: &str, target: &str) {
    xml.leaf("Relationship", &[("Id", id), ("Type", kind), ("Target", target)]);
}

/// How word processors treat the document.
pub(super) fn settings() -> String {
    Xml::part("w:settings", &[W], |xml| {
        xml.set("w:defaultTabStop", "708");
        xml.within("w:compat", &[], |xml| {
            let name = ("w:name", "compatibilityMode");
            let uri = ("w:uri", "http://schemas.microsoft.com/office/word");
            xml.leaf("w:compatSetting", &[name, uri, ("w:val", "15")]);
        });
    })
}

/// One kind of list: a bullet before each item.
pub(super) fn numbering() -> String {
    Xml::part("w:numbering", &[W], |xml| {
        xml.within("w:abstractNum", &[("w:abstractNumId", "0")], |xml| {
            xml.set("w:multiLevelType", "hybridMultilevel");
            xml.within("w:lvl", &[("w:ilvl", "0")], |xml| {
                xml.set("w:start", "1");
                xml.set("w:numFmt", "bullet");
                xml.set("w:lvlText", "•");
                xml.set("w:lvlJc", "left");
                xml.within("w:pPr", &[], |xml| xml.leaf("w:ind", &[("w:left", "284"), ("w:hanging", "227")]));
            });
        });
        xml.within("w:num", &[("w:numId", "1")], |xml| xml.set("w:abstractNumId", "0"));
    })
}

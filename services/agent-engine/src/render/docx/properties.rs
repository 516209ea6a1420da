//! What does a file say of itself?

use super::{
    super::{block::Title, date, words::Words},
    xml::Xml,
};
use crate::domain::report::Report;
use chrono::SecondsFormat;

/// Title, author and day: of the report, not of the file.
pub(super) fn core(title: &Title, report: &Report, words: &Words) -> String {
    let spaces = [
        ("xmlns:cp", "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"),
        ("xmlns:dc", "http://purl.org/dc/elements/1.1/"),
        ("xmlns:dcterms", "http://purl.org/dc/terms/"),
        ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
    ];
    Xml::part("cp:coreProperties", &spaces, |xml| {
        xml.texts("dc:title", &[], &title.text);
        xml.texts("dc:subject", &[], &title.kind);
        xml.texts("dc:creator", &[], words.author);
        if let Some(at) = date::begun(&report.created_at) {
            let at = at.to_rfc3339_opts(SecondsFormat::Secs, true);
            for name in ["dcterms:created", "dcterms:modified"] {
                xml.texts(name, &[("xsi:type", "dcterms:W3CDTF")], &at);
            }
        }
    })
}

/// What wrote it.
pub(super) fn app(words: &Words) -> String {
    let space = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties";
    Xml::part("Properties", &[("xmlns", space)], |xml| xml.texts("Application", &[], words.author))
}

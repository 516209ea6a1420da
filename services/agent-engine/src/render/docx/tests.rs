//! Does a word processor open it, and does it say what the report says?

use super::{super::sample, docx};
use crate::domain::{locale::Locale, report::Report};
use quick_xml::{Reader, events::Event};
use std::{collections::BTreeMap, io::Read as _};

/// All parts by their names.
fn parts(report: &Report, locale: Locale) -> BTreeMap<String, String> {
    let bytes = docx(report, locale).expect("a package");
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("an archive");
    let names: Vec<String> = archive.file_names().map(|name| name.expect("a name").into_owned()).collect();
    let mut part = |name: String| {
        let mut text = String::new();
        archive.by_name(&name).expect("a part").read_to_string(&mut text).expect("text");
        (name, text)
    };
    names.into_iter().map(&mut part).collect()
}

/// Reads all of a part: what is opened is closed, and in order.
fn assert_well_formed(name: &str, part: &str) {
    let mut reader = Reader::from_str(part);
    reader.config_mut().check_end_names = true;
    let mut depth = 0;
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                depth += 1;
                start.attributes().for_each(|attribute| drop(attribute.expect("an attribute")));
            }
            Ok(Event::End(_)) => depth -= 1,
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(error) => panic!("{name}: {error}"),
        }
    }
    assert_eq!(depth, 0, "{name}");
    let is_text = |c: char| matches!(c, '\n' | ' '..='\u{fffd}' | '\u{10000}'..);
    assert!(part.chars().all(is_text), "{name} has characters that XML does not know");
}

/// The texts of paragraphs of a style.
fn texts(document: &str, style: &str) -> Vec<String> {
    let wanted = format!("<w:pStyle w:val=\"{style}\"/>");
    let paragraphs = document.split("<w:p>").filter(|paragraph| paragraph.contains(&wanted));
    let text = |paragraph: &str| {
        let texts = paragraph.split("<w:t xml:space=\"preserve\">").skip(1);
        texts.filter_map(|text| text.split("</w:t>").next()).collect::<String>()
    };
    paragraphs.map(text).collect()
}

#[test]
fn every_part_is_well_formed_and_named() {
    let hostile = ["<w:p/>&\u{0}\u{b}\u{fffe}]]>\"'", "🚀\u{202e}\r\n\n", ""];
    let reports = hostile.into_iter().map(|text| sample::hostile(text, f64::NAN));
    for report in reports.chain([sample::deep(Locale::PtBr), sample::quick(Locale::En)]) {
        let parts = parts(&report, Locale::PtBr);
        let types = &parts["[Content_Types].xml"];
        for (name, part) in &parts {
            assert_well_formed(name, part);
            let is_named = types.contains(&format!("PartName=\"/{name}\"")) || name.ends_with(".rels");
            assert!(is_named || name == "[Content_Types].xml", "{name}");
        }
    }
}

#[test]
fn every_reference_leads_to_a_part() {
    let parts = parts(&sample::deep(Locale::En), Locale::En);
    let relations = &parts["word/_rels/document.xml.rels"];
    let targets = relations.split("Target=\"").skip(1).filter_map(|rest| rest.split('"').next());
    for target in targets {
        assert!(parts.contains_key(&format!("word/{target}")), "{target}");
    }
    for id in parts["word/document.xml"].split("r:id=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(relations.contains(&format!("Id=\"{id}\"")), "{id}");
    }
    let styles = &parts["word/styles.xml"];
    for style in parts["word/document.xml"].split("Style w:val=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(styles.contains(&format!("w:styleId=\"{style}\"")), "{style}");
    }
}

#[test]
fn headings_are_headings_and_tables_are_tables() {
    for (locale, first, cell) in [
        (Locale::En, "Decision", "Retention programme: start (reversible)"),
        (Locale::PtBr, "Decisão", "Programa de retenção: iniciar (reversível)"),
    ] {
        let parts = parts(&sample::deep(locale), locale);
        let document = &parts["word/document.xml"];
        let headings = texts(document, "Heading1");
        assert_eq!((headings.len(), headings[0].as_str()), (13, first));
        assert!(texts(document, "TableNote").iter().any(|text| text == cell));
        assert!(document.matches("<w:tblHeader/>").count() > 15);
        assert_eq!(
            document.matches("<w:tc>").count(),
            document.matches("</w:p></w:tc>").count(),
            "cells end with text"
        );
        assert!(parts["word/footer1.xml"].contains("NUMPAGES") && parts.contains_key("word/charts/chart1.xml"));
        assert!(parts["docProps/core.xml"].contains("2027-03-01T14:30:00Z"));
    }
}

#[test]
fn a_row_of_the_plan_is_as_wide_as_the_others() {
    let mut report = sample::quick(Locale::En);
    let days = [(0, 0), (0, u32::MAX), (u32::MAX, 0), (u32::MAX, u32::MAX), (5, 6)];
    for (action, (start, due)) in report.actions.iter_mut().zip(days) {
        (action.start_day, action.due_day) = (start, due);
    }
    let parts = parts(&report, Locale::En);
    let plan = parts["word/document.xml"]
        .split("<w:tbl>")
        .find(|table| table.contains("PlanTable"))
        .expect("a plan")
        .to_owned();
    for row in plan.split("<w:tr>").skip(1) {
        let spans =
            row.split("<w:gridSpan w:val=\"").skip(1).filter_map(|rest| rest.split('"').next()?.parse::<usize>().ok());
        let wide = spans.map(|span| span - 1).sum::<usize>() + row.matches("<w:tc>").count();
        assert_eq!(wide, 32, "{row}");
    }
}

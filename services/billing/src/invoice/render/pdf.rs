//! How is an invoice printed?
//!
//! A4, in the two fonts that every reader of PDF has, so that no font has to be carried along. Lengths are whole
//! thousandths of a point; they become numbers of PDF in `paper` alone.

mod font;
mod head;
mod paper;
mod sums;
mod table;
#[cfg(test)]
mod tests;
mod widths;
mod winansi;
mod wrap;

use super::{Language, shown::Shown};
use crate::invoice::document::Document;
use chrono::{DateTime, Datelike as _, Timelike as _, Utc};
use font::Font;
use paper::Paper;
use pdf_writer::{Content, Date, Finish as _, Name, Pdf, Ref, TextStr};

const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const REGULAR: Ref = Ref::new(3);
const BOLD: Ref = Ref::new(4);
const INFO: Ref = Ref::new(5);
/// A page and what is on it take two from here on.
const FIRST_PAGE: i32 = 6;

/// The document on as many pages as it needs.
pub(crate) fn pdf(document: &Document, language: Language) -> Vec<u8> {
    let shown = Shown::new(document, language);
    let mut paper = Paper::new(&shown);
    head::draw(&mut paper, &shown);
    table::draw(&mut paper, &shown);
    sums::draw(&mut paper, &shown);
    bound(paper.finish(&shown), &shown)
}

/// The pages as one file.
fn bound(pages: Vec<Content>, shown: &Shown<'_>) -> Vec<u8> {
    let mut pdf = Pdf::new();
    pdf.set_version(1, 7);
    let mut catalog = pdf.catalog(CATALOG);
    catalog.pages(PAGES).lang(TextStr(shown.language.tag()));
    catalog.viewer_preferences().display_doc_title(true);
    catalog.finish();
    for (id, font) in [(REGULAR, Font::Regular), (BOLD, Font::Bold)] {
        pdf.type1_font(id).base_font(font.base()).encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    let mut info = pdf.document_info(INFO);
    info.title(TextStr(&shown.title())).author(TextStr(shown.document.issuer.name.trim()));
    info.creation_date(date(shown.document.issued_at));
    info.finish();
    let ids: Vec<Ref> = (FIRST_PAGE..).step_by(2).map(Ref::new).take(pages.len()).collect();
    let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    pdf.pages(PAGES).kids(ids.iter().copied()).count(count);
    for (id, content) in ids.into_iter().zip(pages) {
        let mut page = pdf.page(id);
        page.parent(PAGES).media_box(paper::A4).contents(id.next());
        page.resources().fonts().pair(Font::Regular.name(), REGULAR).pair(Font::Bold.name(), BOLD);
        page.finish();
        pdf.stream(id.next(), &content.finish());
    }
    pdf.finish()
}

fn date(at: DateTime<Utc>) -> Date {
    let small = |number: u32| u8::try_from(number).unwrap_or(u8::MAX);
    let day = Date::new(u16::try_from(at.year()).unwrap_or_default()).month(small(at.month())).day(small(at.day()));
    day.hour(small(at.hour())).minute(small(at.minute())).second(small(at.second())).utc_offset_hour(0)
}

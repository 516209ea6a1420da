//! How do pages become a file?

use super::{
    super::{block::Title, date, words::Words},
    font::Font,
    paper::{self, Mark},
};
use crate::domain::{locale::Locale, report::Report};
use chrono::{DateTime, Datelike as _, Timelike as _, Utc};
use pdf_writer::{Content, Date, Finish as _, Name, Pdf, Ref, TextStr};

const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const REGULAR: Ref = Ref::new(3);
const BOLD: Ref = Ref::new(4);
const INFO: Ref = Ref::new(5);
const OUTLINE: Ref = Ref::new(6);
/// A page and what is on it take two from here on; the outline comes after them.
const FIRST_PAGE: i32 = 7;
/// Of what comes from elsewhere, no more than this is in the identity of a file.
const LONGEST_ID: usize = 96;

/// The pages as one file.
pub(super) fn bound(pages: Vec<Content>, marks: &[Mark], report: &Report, title: &Title, locale: Locale) -> Vec<u8> {
    let mut pdf = Pdf::new();
    pdf.set_version(1, 7);
    let mut catalog = pdf.catalog(CATALOG);
    catalog.pages(PAGES).lang(TextStr(locale.as_str())).outlines(OUTLINE);
    catalog.viewer_preferences().display_doc_title(true);
    catalog.finish();
    for (id, font) in [(REGULAR, Font::Regular), (BOLD, Font::Bold)] {
        pdf.type1_font(id).base_font(font.base()).encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    info(&mut pdf, report, title, locale);
    let ids: Vec<Ref> = (FIRST_PAGE..).step_by(2).map(Ref::new).take(pages.len()).collect();
    pdf.pages(PAGES).kids(ids.iter().copied()).count(count(pages.len()));
    outline(&mut pdf, marks, &ids);
    for (id, content) in ids.into_iter().zip(pages) {
        let mut page = pdf.page(id);
        page.parent(PAGES).media_box(paper::A4).contents(id.next());
        page.resources().fonts().pair(Font::Regular.name(), REGULAR).pair(Font::Bold.name(), BOLD);
        page.finish();
        pdf.stream(id.next(), &content.finish());
    }
    let identity = format!("{}{}", report.execution_id, report.created_at);
    let identity: Vec<u8> = identity.bytes().take(LONGEST_ID).collect();
    pdf.set_file_id((identity.clone(), identity));
    pdf.finish()
}

fn info(pdf: &mut Pdf, report: &Report, title: &Title, locale: Locale) {
    let mut info = pdf.document_info(INFO);
    info.title(TextStr(&title.text)).subject(TextStr(&title.kind)).author(TextStr(Words::of(locale).author));
    if let Some(at) = date::begun(&report.created_at) {
        info.creation_date(moment(at));
    }
    info.finish();
}

/// One entry for each section, which leads to it.
fn outline(pdf: &mut Pdf, marks: &[Mark], pages: &[Ref]) {
    let first = FIRST_PAGE + 2 * count(pages.len());
    let id = |n: usize| Ref::new(first + count(n));
    let mut outline = pdf.outline(OUTLINE);
    if let Some(last) = marks.len().checked_sub(1) {
        outline.first(id(0)).last(id(last)).count(count(marks.len()));
    }
    outline.finish();
    for (n, mark) in marks.iter().enumerate() {
        let Some(page) = pages.get(mark.page) else { continue };
        let mut item = pdf.outline_item(id(n));
        item.title(TextStr(mark.text)).parent(OUTLINE);
        if n > 0 {
            item.prev(id(n - 1));
        }
        if n + 1 < marks.len() {
            item.next(id(n + 1));
        }
        item.dest().page(*page).xyz(0.0, paper::from_below(mark.y), None);
        item.finish();
    }
}

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX / 4)
}

fn moment(at: DateTime<Utc>) -> Date {
    let small = |number: u32| u8::try_from(number).unwrap_or(u8::MAX);
    let day = Date::new(u16::try_from(at.year()).unwrap_or_default()).month(small(at.month())).day(small(at.day()));
    day.hour(small(at.hour())).minute(small(at.minute())).second(small(at.second())).utc_offset_hour(0)
}

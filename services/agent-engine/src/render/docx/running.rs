//! What stands above and below every page?

use super::{
    super::{block::Title, text, words::Words},
    body::{paragraph, run},
    parts::{R, W},
    xml::Xml,
};

/// A running title is looked at, not read.
const LONGEST: usize = 90;

/// Whose it is, and which page of how many.
pub(super) fn footer(words: &Words) -> String {
    Xml::part("w:ftr", &[W, R], |xml| {
        paragraph(xml, "Footer", |xml| {
            run(xml, words.author);
            xml.within("w:r", &[], |xml| xml.leaf("w:tab", &[]));
            run(xml, &format!("{} ", words.page));
            field(xml, "PAGE");
            run(xml, &format!(" {} ", words.of));
            field(xml, "NUMPAGES");
        });
    })
}

/// Of all pages but the first: what was asked, and what kind of document it is.
pub(super) fn header(title: &Title) -> String {
    Xml::part("w:hdr", &[W, R], |xml| {
        paragraph(xml, "Header", |xml| {
            run(xml, &text::shortened(&title.text, LONGEST));
            xml.within("w:r", &[], |xml| xml.leaf("w:tab", &[]));
            run(xml, &title.kind);
        });
    })
}

/// Of the first page: nothing, the title says it all.
pub(super) fn first_header() -> String {
    Xml::part("w:hdr", &[W, R], |xml| paragraph(xml, "Spacer", |_| {}))
}

/// A number that the word processor knows.
fn field(xml: &mut Xml, name: &str) {
    xml.within("w:fldSimple", &[("w:instr", name)], |xml| run(xml, "1"));
}

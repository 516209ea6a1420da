//! Is what is printed what the invoice says, and does it stay on the paper?

use super::{
    super::{
        Language,
        tests::{document, line},
    },
    font::Font,
    paper::{LEFT, RIGHT},
    pdf,
    winansi::encode,
};
use crate::invoice::document::{Document, Kind};

/// A text as it stands on a page: lengths in thousandths of a point.
struct Piece {
    x: i64,
    y: i64,
    end: i64,
    text: Vec<u8>,
}

/// What is written on each page, in the order of reading.
fn pages(document: &Document, language: Language) -> Vec<Vec<Piece>> {
    let bytes = pdf(document, language);
    let file = String::from_utf8_lossy(&bytes);
    file.split("stream\n")
        .filter(|part| part.contains("endstream") || part.contains(" Tj"))
        .map(pieces)
        .filter(|page| !page.is_empty())
        .collect()
}

fn pieces(stream: &str) -> Vec<Piece> {
    let thousandths = |text: &str| (text.parse::<f64>().expect("a number") * 1000.0).round() as i64;
    let (mut font, mut size, mut place, mut out) = (Font::Regular, 0, (0, 0), vec![]);
    for line in stream.lines() {
        let words: Vec<_> = line.split(' ').collect();
        match words.as_slice() {
            [name, points, "Tf"] => {
                font = if *name == "/B" { Font::Bold } else { Font::Regular };
                size = thousandths(points);
            }
            [x, y, "Td"] => place = (thousandths(x), thousandths(y)),
            [.., "Tj"] => {
                let text = string(line.trim_end_matches(" Tj"));
                out.push(Piece { x: place.0, y: place.1, end: place.0 + font.width(&text, size), text });
            }
            _ => {}
        }
    }
    out
}

/// A string of PDF: `(text)` or `<hex>`.
fn string(token: &str) -> Vec<u8> {
    if let Some(hex) = token.strip_prefix('<') {
        return hex::decode(hex.trim_end_matches('>')).expect("digits");
    }
    let inner = &token[1..token.len() - 1];
    inner.replace("\\(", "(").replace("\\)", ")").replace("\\\\", "\\").into_bytes()
}

fn says(pages: &[Vec<Piece>], text: &str) -> bool {
    let wanted = encode(text);
    pages.iter().flatten().any(|piece| piece.text == wanted)
}

fn stays_on_the_paper(pages: &[Vec<Piece>]) {
    for piece in pages.iter().flatten() {
        let text = String::from_utf8_lossy(&piece.text);
        assert!(piece.x >= LEFT && piece.end <= RIGHT + 10, "{text} is from {} to {}", piece.x, piece.end);
        assert!((30_000..800_000).contains(&piece.y), "{text} is at {}", piece.y);
    }
}

#[test]
fn a_printed_invoice_says_everything_in_the_language() {
    let en = pages(&document(), Language::En);
    let pt = pages(&document(), Language::PtBr);
    let texts = [
        ("Invoice", "Fatura"),
        ("PP-000042", "PP-000042"),
        ("Jan 31, 2027", "31/01/2027"),
        ("R$2,275.49 due Feb 10, 2027", "R$ 2.275,49 com vencimento em 10/02/2027"),
        ("Perpétuo Tecnologia Ltda.", "Perpétuo Tecnologia Ltda."),
        ("CNPJ 12.ABC.345/01DE-35", "CNPJ 98.765.432/0001-10"),
        ("Unused time on Pro", "Tempo não utilizado de Profissional"),
        ("Jan 31, 2027 – Feb 28, 2027", "31/01/2027 – 28/02/2027"),
        ("-R$24.50", "-R$ 24,50"),
        ("Partner agreement 2027", "Partner agreement 2027"),
        ("ISS (2.9%)", "ISS (2,9%)"),
        ("PIS/COFINS (3.65%, included)", "PIS/COFINS (3,65%, incluído)"),
        ("-R$200.00", "-R$ 200,00"),
        ("Amount due", "Valor a pagar"),
        ("How to pay", "Como pagar"),
        ("Thank you for working with us.", "Obrigado por trabalhar conosco."),
        ("Page 1 of 1", "Página 1 de 1"),
    ];
    for (text_en, text_pt) in texts {
        assert!(says(&en, text_en), "{text_en}");
        assert!(says(&pt, text_pt), "{text_pt}");
    }
    stays_on_the_paper(&en);
    stays_on_the_paper(&pt);
}

#[test]
fn two_hundred_lines_are_several_pages_each_with_its_heads_and_number() {
    let mut long = document();
    long.lines = (0..200).map(|n| line(if n % 3 == 0 { Kind::UnusedTime } else { Kind::Usage }, n * 1_117)).collect();
    let pages = pages(&long, Language::PtBr);
    assert!((6..12).contains(&pages.len()), "{}", pages.len());
    for (n, page) in pages.iter().enumerate() {
        let page = std::slice::from_ref(page);
        assert!(says(page, &format!("Página {} de {}", n + 1, pages.len())));
        let has_rows = says(page, "Uso de modelos");
        assert_eq!(says(page, "Descrição"), has_rows, "page {}", n + 1);
        assert!(n == 0 || says(page, "Fatura PP-000042"));
    }
    let amounts =
        pages.iter().flatten().filter(|piece| piece.text.starts_with(b"Uso de") || piece.text.starts_with(b"Tempo"));
    assert_eq!(amounts.count(), 200);
    stays_on_the_paper(&pages);
}

#[test]
fn amounts_end_below_each_other() {
    let pages = pages(&document(), Language::En);
    let amounts = ["R$149.00", "-R$24.50", "R$1,234.57", "R$2.15", "Amount"].map(encode);
    let ends = pages.iter().flatten().filter(|piece| amounts.contains(&piece.text)).map(|piece| piece.end);
    assert!(ends.clone().count() >= 5 && ends.clone().all(|end| (end - RIGHT).abs() <= 10));
}

#[test]
fn whatever_is_long_is_broken_and_stays_within_the_margins() {
    let mut long = document();
    let word = "Ŵçã".repeat(400);
    let words = "muitas palavras (sem fim) \\ ".repeat(300);
    long.number = "N".repeat(300);
    (long.issuer.name, long.customer.name) = (words.clone(), word.clone());
    long.customer.address = vec![word.clone(), words.clone()];
    long.issuer.tax_id = Some(word.clone());
    long.lines[7].note = Some(format!("{words}\n{word}"));
    (long.lines[7].quantity, long.lines[7].amount) = (i64::MIN, i64::MIN);
    (long.taxes[0].name, long.taxes[0].rate) = (words.clone(), word.clone());
    for texts in [&mut long.payment_instructions, &mut long.footer] {
        texts.insert("en".to_owned(), format!("{words}{word}"));
    }
    (long.subtotal, long.total, long.credits, long.amount_due) = (i64::MAX, i64::MIN, i64::MIN, i64::MAX);
    for language in Language::ALL {
        stays_on_the_paper(&pages(&long, language));
    }
}

#[test]
fn an_invoice_without_lines_or_texts_is_one_page() {
    let mut bare = document();
    (bare.lines, bare.taxes) = (vec![], vec![]);
    (bare.issuer, bare.customer) = Default::default();
    (bare.payment_instructions, bare.footer) = Default::default();
    let pages = pages(&bare, Language::En);
    assert_eq!(pages.len(), 1);
    assert!(says(&pages, "Subtotal") && !says(&pages, "How to pay"));
}

#[test]
fn the_file_says_what_it_is_and_knows_no_time_but_that_of_the_document() {
    let bytes = pdf(&document(), Language::En);
    let file = String::from_utf8_lossy(&bytes);
    assert!(file.starts_with("%PDF-1.7"));
    for text in ["/Title (Invoice PP-000042)", "/CreationDate (D:20270201013000Z)", "/Lang (en)", "/WinAnsiEncoding"] {
        assert!(file.contains(text), "{text}");
    }
    assert!(!file.contains("ModDate"));
}

//! Is what is printed what the report says, and does it stay on the paper?

use super::{
    super::sample,
    font::Font,
    paper::{LEFT, RIGHT},
    pdf,
    winansi::encode,
};
use crate::domain::{locale::Locale, report::Report};

/// A text as it stands on a page: lengths in thousandths of a point.
struct Piece {
    x: i64,
    /// From the bottom.
    y: i64,
    end: i64,
    size: i64,
    text: Vec<u8>,
}

/// What is written on each page, in the order in which it was drawn.
fn pages(report: &Report, locale: Locale) -> Vec<Vec<Piece>> {
    let bytes = pdf(report, locale);
    let mut pages = vec![];
    let mut rest = bytes.as_slice();
    while let Some(begin) = find(rest, b"stream\n") {
        rest = &rest[begin + 7..];
        let end = find(rest, b"endstream").expect("a stream ends");
        pages.push(pieces(&rest[..end]));
        rest = &rest[end + 9..];
    }
    pages
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn pieces(stream: &[u8]) -> Vec<Piece> {
    let thousandths = |text: &str| (text.parse::<f64>().expect("a number") * 1000.0).round() as i64;
    let (mut font, mut size, mut place, mut out) = (Font::Regular, 0, (0, 0), vec![]);
    for line in stream.split(|code| *code == b'\n') {
        let shown = String::from_utf8_lossy(line).into_owned();
        match shown.split(' ').collect::<Vec<_>>().as_slice() {
            [name, points, "Tf"] => {
                font = if *name == "/B" { Font::Bold } else { Font::Regular };
                size = thousandths(points);
            }
            [x, y, "Td"] => place = (thousandths(x), thousandths(y)),
            [.., "Tj"] => {
                let text = string(&line[..line.len() - 3]);
                out.push(Piece { x: place.0, y: place.1, end: place.0 + font.width(&text, size), size, text });
            }
            _ => {}
        }
    }
    out
}

/// A string of PDF: `(text)` or `<hex>`.
fn string(token: &[u8]) -> Vec<u8> {
    let inner = &token[1..token.len() - 1];
    if token.starts_with(b"<") {
        let digit = |code: u8| char::from(code).to_digit(16).expect("a digit") as u8;
        return inner.chunks(2).map(|pair| digit(pair[0]) * 16 + digit(pair[1])).collect();
    }
    let mut out = vec![];
    let mut codes = inner.iter();
    while let Some(code) = codes.next() {
        out.extend(if *code == b'\\' { codes.next() } else { Some(code) });
    }
    out
}

fn says(pages: &[Vec<Piece>], text: &str) -> bool {
    let wanted = encode(text);
    pages.iter().flatten().any(|piece| piece.text == wanted)
}

fn assert_on_the_paper(pages: &[Vec<Piece>]) {
    for (piece, page) in pages.iter().zip(1..).flat_map(|(page, n)| page.iter().map(move |piece| (piece, n))) {
        let text = String::from_utf8_lossy(&piece.text);
        assert!(
            piece.x >= LEFT - 10 && piece.end <= RIGHT + 10,
            "page {page}: {text} is from {} to {}",
            piece.x,
            piece.end
        );
        assert!((30_000..800_000).contains(&piece.y), "page {page}: {text} is at {}", piece.y);
    }
}

/// No two texts over each other.
fn assert_readable(pages: &[Vec<Piece>]) {
    for page in pages {
        for (n, one) in page.iter().enumerate() {
            for other in &page[n + 1..] {
                let is_beside = one.end <= other.x + 600 || other.end <= one.x + 600;
                let is_apart = (one.y - other.y).abs() * 10 >= one.size.min(other.size) * 8;
                let texts = [one, other].map(|piece| String::from_utf8_lossy(&piece.text).into_owned());
                assert!(is_beside || is_apart, "{texts:?} are over each other");
            }
        }
    }
}

#[test]
fn a_printed_report_says_everything_in_the_language() {
    let [en, pt] = [Locale::En, Locale::PtBr].map(|locale| pages(&sample::deep(locale), locale));
    let texts = [
        ("Executive analysis", "Análise executiva"),
        ("Decision", "Decisão"),
        ("Mar 1, 2027", "01/03/2027"),
        ("R$612k", "R$ 612 mil"),
        ("What was decided", "O que foi decidido"),
        ("Adopted", "Adotada"),
        ("4.8% per month", "4,8% por mês"),
        ("Timeline", "Cronograma"),
        ("Cash at the end of each month (BRL)", "Caixa ao final de cada mês (BRL)"),
        ("R$613k", "R$ 613 mil"),
        ("Risk matrix", "Matriz de riscos"),
        ("Critical", "Crítica"),
        ("In favour under conditions · confidence 67%", "A favor, com condições · confiança 67%"),
        ("Decision memo", "Memorando da decisão"),
        ("Read from the description", "Lido da descrição"),
        ("Automatic check", "Verificação automática"),
    ];
    for (text_en, text_pt) in texts {
        assert!(says(&en, text_en), "{text_en}");
        assert!(says(&pt, text_pt), "{text_pt}");
    }
}

#[test]
fn everything_stays_on_the_paper_and_nothing_stands_over_anything() {
    for locale in [Locale::En, Locale::PtBr] {
        for report in [sample::deep(locale), sample::quick(locale)] {
            let pages = pages(&report, locale);
            assert_on_the_paper(&pages);
            assert_readable(&pages);
        }
    }
}

#[test]
fn whatever_is_long_is_broken_and_stays_within_the_margins() {
    let texts = ["Ŵçã".repeat(120), "muitas palavras (sem fim) \\ ".repeat(20), String::new()];
    for (text, number) in texts.into_iter().zip([1e15, f64::MAX, f64::NAN]) {
        assert_on_the_paper(&pages(&sample::hostile_quick(&text, number), Locale::PtBr));
    }
    let short = sample::hostile("Ŵçã".repeat(30).as_str(), -1e15);
    assert_on_the_paper(&pages(&short, Locale::PtBr));
}

#[test]
fn every_page_has_its_number_and_the_heads_of_its_tables() {
    let pages = pages(&sample::deep(Locale::PtBr), Locale::PtBr);
    assert!((12..=18).contains(&pages.len()), "{}", pages.len());
    for (n, page) in pages.iter().enumerate() {
        let page = std::slice::from_ref(page);
        assert!(says(page, &format!("Página {} de {}", n + 1, pages.len())));
        // "Indispensável" is also in the legend of the timeline.
        let has_actions = says(page, "Desejável") && !says(page, "Recomendação");
        assert!(!has_actions || says(page, "Prioridade"), "page {}", n + 1);
    }
    assert_eq!(pages.iter().filter(|page| says(std::slice::from_ref(*page), "Medida por")).count(), 3);
    assert!((5..=7).contains(&self::pages(&sample::quick(Locale::En), Locale::En).len()));
}

#[test]
fn a_heading_is_never_the_last_of_a_page() {
    // Each report puts the headings at other places.
    for paragraphs in 0..24 {
        let mut report = sample::quick(Locale::En);
        report.summary.paragraphs = vec!["One line.".to_owned(); paragraphs];
        for page in pages(&report, Locale::En) {
            let body = page.iter().filter(|piece| piece.size != 7_500 || piece.y > 60_000);
            let lowest = body.clone().map(|piece| piece.y).min().expect("a text");
            let heading = body.filter(|piece| matches!(piece.size, 15_000 | 10_500) && piece.y > lowest - 1);
            assert!(heading.clone().all(|piece| piece.y > lowest + 10_000), "{paragraphs}");
        }
    }
}

#[test]
fn a_report_without_anything_is_one_page() {
    let mut report = sample::quick(Locale::En);
    (report.opinions, report.actions, report.risks, report.scenarios) = (vec![], vec![], vec![], None);
    (report.meeting, report.cells) = Default::default();
    (report.summary.headline, report.summary.paragraphs) = Default::default();
    (report.brief.facts, report.brief.constraints, report.brief.problem_description) = Default::default();
    let pages = pages(&report, Locale::En);
    assert_eq!(pages.len(), 1);
    assert!(says(&pages, "Analysis without a description") && !says(&pages, "Decision"));
}

#[test]
fn the_file_says_what_it_is_and_knows_no_time_but_that_of_the_report() {
    let bytes = pdf(&sample::deep(Locale::En), Locale::En);
    let file = String::from_utf8_lossy(&bytes);
    assert!(file.starts_with("%PDF-1.7"));
    for text in [
        "/CreationDate (D:20270301143000Z)",
        "/Lang (en)",
        "/WinAnsiEncoding",
        "/Title (We are losing",
        "/Title (Risk register)",
    ] {
        assert!(file.contains(text), "{text}");
    }
    assert!(!file.contains("ModDate"));
}

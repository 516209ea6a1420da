//! Is what is shown what the invoice says?

use super::{Language, csv, html, pdf};
use crate::invoice::document::{Document, Kind, Line, Party, Tax};
use chrono::{DateTime, Utc};

fn at(text: &str) -> Option<DateTime<Utc>> {
    Some(text.parse().expect("a time"))
}

fn by_language(en: &str, pt: &str) -> std::collections::BTreeMap<String, String> {
    [("en", en), ("pt-BR", pt)].into_iter().map(|(tag, text)| (tag.to_owned(), text.to_owned())).collect()
}

/// A line of a plan with a title in both languages.
pub(super) fn line(kind: Kind, amount: i64) -> Line {
    let titles = by_language("Pro", "Profissional");
    let (period_start, period_end) = (at("2027-01-31T15:00:00Z"), at("2027-02-28T15:00:00Z"));
    Line { kind, titles, period_start, period_end, quantity: 1, unit_amount: None, amount, note: None }
}

/// An invoice with a line of each kind, a tax of each kind, and something left to pay.
pub(super) fn document() -> Document {
    let kinds = [
        (Kind::Period, 14_900),
        (Kind::UnusedTime, -2_450),
        (Kind::RemainingTime, 7_450),
        (Kind::Usage, 123_457),
        (Kind::LateUsage, 215),
        (Kind::Credits, 10_000),
        (Kind::Discount, -3_000),
    ];
    let mut lines: Vec<Line> = kinds.into_iter().map(|(kind, amount)| line(kind, amount)).collect();
    let note = Some("Implantação assistida, três sessões de duas horas".to_owned());
    lines.push(Line { quantity: 3, note, period_start: None, period_end: None, ..line(Kind::Manual, 90_000) });
    lines[6].note = Some("Partner agreement 2027".to_owned());
    let tax = |name: &str, rate: &str, is_inclusive, amount| Tax {
        name: name.to_owned(),
        rate: rate.to_owned(),
        is_inclusive,
        amount,
    };
    let subtotal = lines.iter().map(|line| line.amount).sum::<i64>();
    let party = |name: &str, email: &str, tax_id: &str, address: [&str; 3]| Party {
        name: name.to_owned(),
        email: Some(email.to_owned()),
        tax_id: Some(tax_id.to_owned()),
        address: address.map(str::to_owned).to_vec(),
    };
    Document {
        version: 1,
        id: "inv_0198a3f0".to_owned(),
        number: "PP-000042".to_owned(),
        issued_at: "2027-02-01T01:30:00Z".parse().expect("a time"),
        due_at: "2027-02-11T01:30:00Z".parse().expect("a time"),
        time_zone: "America/Sao_Paulo".to_owned(),
        currency: "BRL".to_owned(),
        issuer: party(
            "Perpétuo Tecnologia Ltda.",
            "financeiro@perpetuo.example",
            "CNPJ 12.ABC.345/01DE-35",
            ["Rua da Consolação, 1234 – 5º andar", "01302-001 São Paulo – SP", "Brasil"],
        ),
        customer: party(
            "Padaria Pão & Companhia S.A.",
            "contas@paoecia.example",
            "CNPJ 98.765.432/0001-10",
            ["Avenida João Gonçalves, 56", "80010-000 Curitiba – PR", "Brasil"],
        ),
        lines,
        taxes: vec![tax("ISS", "2.9", false, 6_977), tax("PIS/COFINS", "3.65", true, 8_781)],
        subtotal,
        total: subtotal + 6_977,
        credits: 20_000,
        amount_due: subtotal + 6_977 - 20_000,
        payment_instructions: by_language(
            "By bank transfer to Banco do Brasil, branch 1234-5,\nor by Pix: financeiro@perpetuo.example",
            "Por transferência ao Banco do Brasil, agência 1234-5,\nou por Pix: financeiro@perpetuo.example",
        ),
        footer: by_language("Thank you for working with us.", "Obrigado por trabalhar conosco."),
    }
}

/// As it is read: minijinja writes a slash as an entity, which browsers show as a slash.
fn page(document: &Document, language: Language) -> String {
    html(document, language).expect("a page").replace("&#x2f;", "/")
}

fn rows(document: &Document, language: Language) -> String {
    csv(document, language).expect("rows")
}

#[test]
fn the_same_document_is_the_same_bytes() {
    let (one, other) = (document(), document());
    for language in Language::ALL {
        assert_eq!(pdf(&one, language), pdf(&other, language));
        assert_eq!(page(&one, language), page(&other, language));
        assert_eq!(rows(&one, language), rows(&other, language));
    }
    assert_ne!(pdf(&one, Language::En), pdf(&one, Language::PtBr));
}

#[test]
fn a_page_says_everything_in_the_language() {
    let cases = [
        (
            Language::En,
            ["lang=\"en\"", "<h1>Invoice</h1>", "Jan 31, 2027", "Unused time on Pro", "R$2,275.49 due Feb 10, 2027"],
        ),
        (
            Language::PtBr,
            [
                "lang=\"pt-BR\"",
                "<h1>Fatura</h1>",
                "31/01/2027",
                "Tempo não utilizado de Profissional",
                "R$ 2.275,49 com vencimento em 10/02/2027",
            ],
        ),
    ];
    for (language, texts) in cases {
        let page = page(&document(), language);
        for text in texts {
            assert!(page.contains(text), "{text} is not in {page}");
        }
    }
    let page = page(&document(), Language::PtBr);
    for text in
        ["ISS (2,9%)", "PIS/COFINS (3,65%, incluído)", "-R$ 200,00", "Pão &amp; Companhia", "Partner agreement 2027"]
    {
        assert!(page.contains(text), "{text} is not in {page}");
    }
}

#[test]
fn a_page_needs_nothing_from_elsewhere_and_obeys_nobody() {
    let hostile = "<script>alert('x')</script>\"><img src=x onerror=y> {{ lang }}";
    let mut document = document();
    document.number = hostile.to_owned();
    document.customer = Party {
        name: hostile.to_owned(),
        email: Some(hostile.to_owned()),
        tax_id: Some(hostile.to_owned()),
        address: vec![hostile.to_owned()],
    };
    document.lines[7].note = Some(hostile.to_owned());
    document.lines[0].titles = by_language(hostile, hostile);
    document.taxes[0].name = hostile.to_owned();
    document.currency = hostile.to_owned();
    document.footer = by_language(hostile, hostile);
    document.payment_instructions = by_language(hostile, hostile);
    let page = page(&document, Language::En);
    assert!(
        page.contains("&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;&quot;") && page.contains("{{ lang }}"),
        "{page}"
    );
    for forbidden in ["<script", "<img", "<link", "<iframe", "href=", "url(", "@import"] {
        assert!(!page.contains(forbidden), "{forbidden} is in {page}");
    }
    // The page has the elements of any other: the address has two lines less than the one of the sample.
    let elements = |page: &str| page.matches('<').count();
    assert_eq!(elements(&page), elements(&self::page(&self::document(), Language::En)) - 4);
}

#[test]
fn nothing_is_said_of_what_is_not_there() {
    let mut document = document();
    (document.credits, document.amount_due) = (document.total, 0);
    document.footer.clear();
    document.customer = Party { name: "Ana".to_owned(), ..Party::default() };
    let page = page(&document, Language::En);
    for text in ["How to pay", "<footer", "<p class=\"headline\"", "None", "none<"] {
        assert!(!page.contains(text), "{text} is in {page}");
    }
    document.credits = 0;
    assert!(!self::page(&document, Language::En).contains("Credits applied"));
}

#[test]
fn rows_are_for_programs() {
    let text = rows(&document(), Language::En);
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    let columns = "number,issued_at,due_at,currency,kind,description,period_start,period_end,quantity,amount";
    assert!(text.starts_with(&format!("{columns}\r\n")), "{text}");
    let records: Vec<_> = reader.records().map(|record| record.expect("a record")).collect();
    assert_eq!(records.len(), 8 + 2);
    let cells = |n: usize| records[n].iter().collect::<Vec<_>>().join("|");
    let head = "PP-000042|2027-02-01T01:30:00Z|2027-02-11T01:30:00Z|BRL";
    let days = "2027-01-31T15:00:00Z|2027-02-28T15:00:00Z";
    assert_eq!(cells(1), format!("{head}|unused_time|Unused time on Pro|{days}|1|-24.50"));
    assert_eq!(cells(6), format!("{head}|discount|Discount: Partner agreement 2027|{days}|1|-30.00"));
    assert_eq!(cells(8), format!("{head}|tax|ISS (2.9%)||||69.77"));
    assert_eq!(cells(9), format!("{head}|tax_included|PIS/COFINS (3.65%, included)||||87.81"));
    let pt = rows(&document(), Language::PtBr);
    assert!(pt.contains("Créditos pré-pagos") && pt.contains("incluído") && pt.contains(",-24.50\r\n"), "{pt}");
}

#[test]
fn a_spreadsheet_runs_nothing_of_what_somebody_chose() {
    let mut document = document();
    for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(\"http://x\",\"y\")"] {
        document.number = formula.to_owned();
        document.lines[0].titles = by_language(formula, formula);
        document.lines[7].note = Some(formula.to_owned());
        document.taxes[0].name = formula.to_owned();
        let text = rows(&document, Language::En);
        let mut reader = ::csv::Reader::from_reader(text.as_bytes());
        for record in reader.records().map(|record| record.expect("a record")) {
            assert_eq!(&record[0], format!("'{formula}"));
            assert!(record.iter().take(9).all(|cell| !cell.starts_with(['=', '+', '-', '@'])), "{record:?}");
        }
    }
}

#[test]
fn currencies_without_cents_have_none_anywhere() {
    let document = Document { currency: "JPY".to_owned(), ..document() };
    assert!(rows(&document, Language::En).contains(",14900\r\n"));
    assert!(page(&document, Language::En).contains("¥14,900<"));
}

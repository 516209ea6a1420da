//! Is what is handed over what the report says?

use super::{Format, RenderError, Rendered, render, sample};
use crate::domain::{locale::Locale, report::Report};

const LOCALES: [Locale; 2] = [Locale::En, Locale::PtBr];

/// Every file of a report.
fn files(report: &Report, locale: Locale) -> Vec<Rendered> {
    let files: Result<_, RenderError> = Format::ALL.into_iter().map(|format| render(report, format, locale)).collect();
    files.expect("every format")
}

fn md(report: &Report, locale: Locale) -> String {
    let file = render(report, Format::Md, locale).expect("a file");
    String::from_utf8(file.bytes).expect("text")
}

#[test]
fn the_same_report_is_the_same_bytes() {
    for locale in LOCALES {
        let text = serde_json::to_string(&sample::deep(locale)).expect("JSON");
        let copy: Report = serde_json::from_str(&text).expect("a report");
        assert!(files(&sample::deep(locale), locale) == files(&copy, locale));
    }
    let of = |format, locale| render(&sample::deep(Locale::En), format, locale).expect("a file").bytes;
    assert_ne!(of(Format::Pdf, Locale::En), of(Format::Pdf, Locale::PtBr));
    assert_eq!(of(Format::Json, Locale::En), of(Format::Json, Locale::PtBr));
}

#[test]
fn json_is_the_report() {
    let report = sample::deep(Locale::PtBr);
    let file = render(&report, Format::Json, Locale::PtBr).expect("a file");
    assert!(serde_json::from_slice::<Report>(&file.bytes).expect("a report") == report);
    assert_eq!((file.content_type, file.file_name.ends_with(".json")), ("application/json", true));
}

#[test]
fn what_is_put_off_for_lack_of_money_is_not_said_to_fit() {
    for (locale, kept, lacking) in [
        (Locale::En, "Within the budget of", "It does not fit into the budget of"),
        (Locale::PtBr, "Dentro do orçamento de", "Não cabe no orçamento de"),
    ] {
        let text = md(&sample::deep(locale), locale);
        // One of the sample's decisions is adopted within the cap, another one is deferred because of it.
        assert_eq!((text.matches(kept).count(), text.matches(lacking).count()), (1, 1), "{text}");
    }
}

#[test]
fn sections_are_in_order_and_in_the_language() {
    let headings = |locale| -> Vec<String> {
        let text = md(&sample::deep(locale), locale);
        text.lines().filter_map(|line| line.strip_prefix("## ")).map(str::to_owned).collect()
    };
    let en = [
        "Decision",
        "Key figures",
        "What was decided",
        "Dissent",
        "Action plan",
        "Financial scenarios",
        "Risk register",
        "Conflicts between opinions",
        "Opinions",
        "Minutes of the meeting",
        "Decision memo",
        "Facts and assumptions",
        "Findings of the review",
    ];
    let pt = [
        "Decisão",
        "Números-chave",
        "O que foi decidido",
        "Divergências",
        "Plano de ação",
        "Cenários financeiros",
        "Registro de riscos",
        "Conflitos entre as opiniões",
        "Opiniões",
        "Ata da reunião",
        "Memorando da decisão",
        "Fatos e premissas",
        "Achados da revisão",
    ];
    assert_eq!(headings(Locale::En), en);
    assert_eq!(headings(Locale::PtBr), pt);
}

#[test]
fn what_is_empty_has_no_heading() {
    for locale in LOCALES {
        let text = md(&sample::quick(locale), locale);
        let absent = [("Dissent", "Divergências"), ("Decision memo", "Memorando da decisão"), ("Minutes of", "Ata da")];
        for (en, pt) in absent {
            assert!(!text.contains(&format!("## {}", locale.pick(en, pt))), "{en}");
        }
        assert!(text.contains(locale.pick("> **This analysis is partial**", "> **Esta análise é parcial**")));
        assert!(text.contains(
            locale.pick("Opinion – Commercial: there was no time left", "Opinião – Comercial: o tempo se esgotou")
        ));
    }
    let full = md(&sample::deep(Locale::En), Locale::En);
    assert!(!full.contains("is partial") && full.contains("**Coverage:** Complete"));
}

#[test]
fn markdown_says_what_the_report_says() {
    let pt = md(&sample::deep(Locale::PtBr), Locale::PtBr);
    let texts = [
        "# Estamos perdendo clientes mais rápido do que conquistamos, e nosso caixa dura menos de um ano.",
        "| Resultado líquido total, base | R$ 612 mil |",
        "Programa de retenção: iniciar (reversível) | **Adotada** | Voto de aprovação | 82% | 74% | Dentro do orçamento de R$ 50 mil<br>Antes vem medição e acompanhamento |",
        "O cliente não quer mexer em descontos",
        "| Churn | **4,8% por mês** | 4,4% a 5,1% | Consenso | 74% |",
        "| 2 | Ligar para cada clínica",
        "10/03/2027<br>27/03/2027",
        "Ticket médio<br>de R$ 150,81 para R$ 163",
        "Churn: -1,6 p.p. a -0,8 p.p.",
        "“O churn é de 4,8% ao mês.”",
        "| Fôlego de caixa | 10,5 meses | Lido da descrição |",
        "| **Grave** | Nenhuma opinião diz",
    ];
    for text in texts {
        assert!(pt.contains(text), "{text} is not in {pt}");
    }
    let en = md(&sample::deep(Locale::En), Locale::En);
    for text in
        ["Mar 10, 2027<br>Mar 27, 2027", "R$1,150.50", "Within the budget of R$50K", "-1.6 points to -0.8 points"]
    {
        assert!(en.contains(text), "{text} is not in {en}");
    }
}

#[test]
fn a_table_of_markdown_has_as_many_cells_in_each_row() {
    for text in ["a|b\\|c\n|", "\\", "`|`", "<br>|"] {
        let text = md(&sample::hostile(text, 1.5), Locale::En);
        let columns = |line: &str| line.replace("\\\\", "").replace("\\|", "").matches('|').count();
        let tables = text.split("\n\n").filter(|part| part.starts_with("| "));
        for table in tables {
            let mut rows = table.lines().map(columns);
            let first = rows.next().expect("heads");
            assert!(rows.all(|row| row == first), "{table}");
        }
    }
}

#[test]
fn nothing_that_can_be_written_causes_a_panic() {
    let texts = [
        "",
        "\u{0}\u{1b}[31m\r\n\t",
        "=1+1\n@SUM(A1)",
        "<script>alert(1)</script> & ]]> {{ x }}",
        "🚀👍🏽 日本 e\u{301}\u{202e}",
    ];
    let numbers = [f64::NAN, f64::INFINITY, f64::MAX, f64::MIN_POSITIVE, -1e15];
    let reports = texts.into_iter().zip(numbers).map(|(text, number)| sample::hostile(text, number));
    let long = sample::hostile_quick(&"palavra|*_#<b>".repeat(360), -0.0);
    for report in reports.chain([long]) {
        assert!(files(&report, Locale::En).iter().all(|file| !file.bytes.is_empty()));
    }
}

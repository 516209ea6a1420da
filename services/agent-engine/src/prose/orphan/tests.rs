use super::*;

pub(in super::super) fn cell(value: f64, unit: &str, text: &str) -> Cell {
    Cell { value, unit: unit.into(), text: text.into(), label: "L".into(), origin: "computed:test".into() }
}

fn cells(locale: Locale) -> BTreeMap<String, Cell> {
    let pick = |en: &str, pt: &str| locale.pick(en, pt).to_owned();
    let of = |id: &str, value: f64, unit: &str, text: String| (id.to_owned(), cell(value, unit, &text));
    BTreeMap::from([
        of("cash", 119_800.0, "money", pick("R$120K", "R$ 120 mil")),
        of("npv", 1_234_567.0, "money", pick("R$1.23M", "R$ 1,23 milhão")),
        of("low", 10_000.0, "money", pick("R$10K", "R$ 10 mil")),
        of("high", 15_000.0, "money", pick("R$15K", "R$ 15 mil")),
        of("loss", -20_500.0, "money", pick("-R$20.5K", "-R$ 20,5 mil")),
        of("churn", 4.5, "percent", pick("4.5%", "4,5%")),
        of("horizon", 180.0, "days", pick("180 days", "180 dias")),
        of("runway", 7.4, "months", pick("7.4 months", "7,4 meses")),
        of("customers", 1_350.0, "count", pick("1,350", "1.350")),
        of("ltv", 3.2, "ratio", pick("3.2", "3,2")),
        of("year", 2026.0, "year", "2026".into()),
    ])
}

#[test]
fn numbers_of_the_analysis_are_no_orphans() {
    for text in [
        "O caixa é de R$ 120 mil, ou R$ 119.800, ou cento e vinte mil reais.",
        "O VPL é de R$ 1,2 milhão (R$1,23 mi; exatamente R$ 1.234.567,00).",
        "Entre R$ 10 mil e R$ 15 mil; de 10 a 15 mil reais; R$ 10–15 mil.",
        "A perda é de R$ 20,5 mil, -R$ 20.500.",
        "O churn de 4,5% (quatro vírgula cinco) subiu; 4,5 por cento.",
        "Em 180 dias, ou 6 meses, com fôlego de 7 meses (7,4 meses).",
        "São 1.350 clientes e LTV/CAC de 3,2x em 2026.",
        "Os 3 agentes votaram; na 2ª rodada, 12 pontos no Q3 do mercado B2B.",
        "Daqui a um mês, uma semana antes.",
        "1. Primeiro\n14. Décimo quarto",
    ] {
        assert_eq!(orphans(text, &cells(Locale::PtBr), Locale::PtBr), [""; 0], "{text}");
    }
    for text in [
        "Cash is R$120K, R$ 119,800 or R$ 120 thousand.",
        "NPV is R$1.2M, that is R$ 1.23 million.",
        "Between R$10K and R$15K; 10 to 15 thousand; R$10-15K.",
        "The loss is -R$20.5K.",
        "Churn of 4.5% (4.5 percent) rose.",
        "Within 180 days, or six months, with a runway of 7 months; a 6-month plan.",
        "There are 1,350 customers and LTV/CAC is 3.2x in 2026.",
        "All 3 agents voted; in the 2nd round 12 points in Q3 of B2B.",
        "All 3 may leave in March 2026.",
    ] {
        assert_eq!(orphans(text, &cells(Locale::En), Locale::En), [""; 0], "{text}");
    }
}

#[test]
fn numbers_that_nobody_told_are_orphans() {
    for (text, wanted) in [
        ("Vai render R$ 300 mil.", "R$ 300 mil"),
        ("Vai render 2 milhões de reais.", "2 milhões de reais"),
        ("Custa US$ 120 mil.", "US$ 120 mil"),
        ("O churn cai para 3%.", "3%"),
        ("Cai vinte por cento.", "vinte por cento"),
        ("Cai 2 p.p. no ano.", "2 p.p."),
        ("Em 3 meses tudo muda.", "3 meses"),
        ("Em noventa dias tudo muda.", "noventa dias"),
        ("Acaba no mês 9.", "9"),
        ("Até 5 de março.", "5 de março"),
        ("São 400 clientes.", "400"),
        ("São mil clientes.", "mil"),
        ("Cresce 5x.", "5x"),
        ("Em 2031 será melhor.", "2031"),
        ("Custa meio milhão.", "meio milhão"),
        ("Custa ５ mil.", "５ mil"),
        ("É 4,5 vezes mais.", "4,5 vezes"),
        ("De 8 a 40%.", "8"),
        ("De 5 a 40%.", "40%"),
    ] {
        let found = orphans(text, &cells(Locale::PtBr), Locale::PtBr);
        assert_eq!(found.first().map(String::as_str), Some(wanted), "{text}");
    }
    for (text, wanted) in [
        ("It yields $300K.", "$300K"),
        ("It costs $120K.", "$120K"),
        ("It yields two million dollars.", "two million dollars"),
        ("Churn falls to three percent.", "three percent"),
        ("It takes 90 days.", "90 days"),
        ("It takes a 3-month pilot.", "3-month"),
        ("By month 9 it is over.", "9"),
        ("By March 31st we know.", "31"),
        ("By March 5 we know.", "5"),
        ("Half a million is at stake.", "Half a million"),
        ("There are 0.5 of them.", "0.5"),
    ] {
        let found = orphans(text, &cells(Locale::En), Locale::En);
        assert_eq!(found.first().map(String::as_str), Some(wanted), "{text}");
    }
}

#[test]
fn no_text_panics() {
    use proptest::prelude::*;
    proptest!(|(text in "\\PC{0,60}", odd in "[0-9.,R$%a-e é–\u{a0}-]{0,60}")| {
        for locale in [Locale::En, Locale::PtBr] {
            let _ = (orphans(&text, &cells(locale), locale), orphans(&odd, &cells(locale), locale));
        }
    });
}

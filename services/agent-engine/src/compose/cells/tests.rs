use super::{super::sample::sample, *};
use crate::{domain::locale::Locale, prose::orphans};

#[test]
fn every_number_has_a_name_a_text_and_an_origin() {
    let sample = sample(Locale::PtBr);
    let cells = cells(&sample.brief, &sample.opinions, &sample.meeting, sample.scenarios.as_ref());
    for (id, text, label, origin) in [
        ("f_churn", "6%", "Churn (por mês)", "fact:churn"),
        ("f_revenue", "R$ 1,2 milhão", "Receita (por ano)", "fact:revenue"),
        ("budget_cap", "R$ 50 mil", "Limite de orçamento", "fact:budget_cap"),
        ("horizon", "180 dias", "Horizonte da análise", "fact:horizon_days"),
        ("limit_runway", "6 meses", "Limite: Fôlego de caixa", "fact:runway"),
        ("m_churn", "5,5%", "Churn (acordado)", "decision:churn"),
        ("o1_cost", "R$ 40 mil", "Custo: iniciar o programa de retenção", "choice:o1"),
        ("o1_effect", "-1,5 p.p.", "Efeito: iniciar o programa de retenção (Churn)", "choice:o1"),
        ("s_end_cash", "R$ 321 mil", "Caixa ao fim do horizonte", "computed:s_end_cash"),
        (
            "s_unchanged_end_cash",
            "R$ 210 mil",
            "Caixa ao fim do horizonte (sem a decisão)",
            "computed:s_unchanged_end_cash",
        ),
        ("s_payback", "4 meses", "Retorno do investimento", "computed:s_payback"),
        (
            "s_unchanged_cash_out_month",
            "mês 14",
            "Mês em que o caixa acaba (sem a decisão)",
            "computed:s_unchanged_cash_out_month",
        ),
        ("said_analyst_c1", "5%", "Churn (por mês), segundo Analista", "claim:analyst.c1"),
        ("total_cost", "R$ 40 mil", "Custo de tudo o que foi adotado", "computed:total_cost"),
        ("used_gross_margin", "62%", "Margem bruta (premissa de cálculo)", "computed:input_gross_margin"),
    ] {
        let cell = cells.get(id).unwrap_or_else(|| panic!("{id}"));
        assert_eq!((cell.text.as_str(), cell.label.as_str(), cell.origin.as_str()), (text, label, origin), "{id}");
    }
    assert!(!cells.contains_key("o4_effect") && !cells.contains_key("s_unchanged_npv"));
    assert!(!cells.contains_key("said_commercial_c1_low"), "both ends are the value");
}

#[test]
fn what_is_written_is_no_orphan_and_what_is_no_number_is_no_cell() {
    for locale in [Locale::En, Locale::PtBr] {
        let mut sample = sample(locale);
        sample.brief.facts[0].value = f64::NAN;
        let cells = cells(&sample.brief, &sample.opinions, &sample.meeting, sample.scenarios.as_ref());
        assert!(!cells.contains_key("f_churn"));
        for cell in cells.values() {
            assert_eq!(orphans(&cell.text, &cells, locale), [""; 0], "{}", cell.text);
            assert!(cell.value.is_finite());
        }
        let ids: Vec<&String> = cells.keys().collect();
        assert!(ids.iter().all(|id| id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')));
    }
}

//! What is done, and what may go wrong?

use crate::domain::{
    locale::Locale,
    opinion::Priority,
    report::{Action, RiskEntry},
    role::Role,
};

const TASKS: [(&str, &str, &str, &str); 6] = [
    (
        "Measure churn by cohort and publish it every Monday",
        "Medir o churn por coorte e publicá-lo toda segunda-feira",
        "Data analyst",
        "Analista de dados",
    ),
    (
        "Call each clinic that has not used the scheduling module for two weeks, and write down why it has not",
        "Ligar para cada clínica que não usa o módulo de agenda há duas semanas e registrar o motivo",
        "Customer success",
        "Sucesso do cliente",
    ),
    ("Raise the list price for new contracts by 8%", "Reajustar em 8% a tabela para novos contratos", "CFO", "CFO"),
    (
        "Ask for a legal opinion on the contracts of 2025 that are tied to an index",
        "Pedir parecer jurídico sobre os contratos de 2025 vinculados a índice",
        "Legal",
        "Jurídico",
    ),
    (
        "Automate onboarding e-mails and billing reminders",
        "Automatizar e-mails de implantação e lembretes de cobrança",
        "Head of engineering",
        "Gerência de engenharia",
    ),
    ("Review results with the board", "Revisar os resultados com o conselho", "CEO", "CEO"),
];

/// So many actions, one after the other.
pub(super) fn actions(count: u32, locale: Locale) -> Vec<Action> {
    (0..count).map(|n| action(n, locale)).collect()
}

fn action(n: u32, locale: Locale) -> Action {
    let (en, pt, owner_en, owner_pt) = TASKS[n as usize % TASKS.len()];
    let (start_day, length) = (n * 9 % 170, 10 + n * 7 % 45);
    let begin = chrono::NaiveDate::from_ymd_opt(2027, 3, 1).expect("a day");
    let date = |day: u32| (begin + chrono::Days::new(u64::from(day))).to_string();
    let (has_kpi, is_even) = (n % 3 != 2, n.is_multiple_of(2));
    Action {
        id: format!("a{}", n + 1),
        choice: format!("o{}", n % 5 + 1),
        task: locale.pick(en, pt).to_owned(),
        owner: locale.pick(owner_en, owner_pt).to_owned(),
        start_day,
        due_day: start_day + length,
        start_date: date(start_day),
        due_date: date(start_day + length),
        kpi: has_kpi.then(|| if is_even { "churn" } else { "average_ticket" }.to_owned()),
        baseline: has_kpi.then_some(if is_even { 4.8 } else { 150.81 }),
        target: has_kpi.then_some(if is_even { 3.6 } else { 163.0 }),
        cost: (n % 4 != 3).then(|| 1_250.5 * f64::from(n + 1)),
        depends_on: if n % 5 == 4 { vec![format!("a{n}"), format!("a{}", n - 1)] } else { vec![] },
        priority: [Priority::Must, Priority::Should, Priority::Could][n as usize % 3],
    }
}

const RISKS: [(&str, &str); 5] = [
    (
        "The competitor answers with a lower price and longer free periods",
        "O concorrente responde com preço menor e períodos grátis mais longos",
    ),
    ("Key people leave during the change", "Pessoas-chave saem durante a mudança"),
    ("Clinics do not use what the programme offers", "As clínicas não usam o que o programa oferece"),
    (
        "The index clause of 2025 contracts is contested in court",
        "A cláusula de índice dos contratos de 2025 é questionada na Justiça",
    ),
    ("Billing automation sends wrong invoices", "A automação de cobrança emite faturas erradas"),
];

/// So many risks, the most exposed first.
pub(super) fn risks(count: u8, locale: Locale) -> Vec<RiskEntry> {
    let pick = |en: &str, pt: &str| locale.pick(en, pt).to_owned();
    let risk = |n: u8| {
        let (probability, impact) = (5 - n % 5, 5 - n / 3 % 5);
        let (en, pt) = RISKS[usize::from(n) % RISKS.len()];
        RiskEntry {
            risk: pick(en, pt),
            named_by: vec![Role::Commercial, Role::Market],
            probability,
            impact,
            exposure: probability * impact,
            mitigation: pick(
                "Offer contracts of a year at a fixed price to the hundred largest clinics",
                "Oferecer contratos anuais com preço fixo às cem maiores clínicas",
            ),
            trigger: pick(
                "Two proposals lost for the price in one month",
                "Duas propostas perdidas por preço em um mês",
            ),
            owner: pick("Head of sales", "Gerência comercial"),
        }
    };
    let mut risks: Vec<RiskEntry> = (0..count).map(risk).collect();
    risks.sort_by_key(|risk| std::cmp::Reverse(risk.exposure));
    risks
}

//! Reports as they come out of real analyses, for tests.

mod brief;
mod cells;
mod hostile;
mod meeting;
mod money;
mod opinions;
mod plan;

use crate::domain::{
    depth::Depth,
    locale::Locale,
    report::{Finding, Missing, Quality, Report, Summary, VERSION},
    role::Role,
};
pub(super) use hostile::{hostile, hostile_quick};

/// A quick analysis of which a part is missing.
pub(super) fn quick(locale: Locale) -> Report {
    let missing = |step: &str, reason: &str| Missing { step: step.to_owned(), reason: reason.to_owned() };
    Report {
        execution_id: "exec_0198a3f0quick".to_owned(),
        depth: Depth::Quick,
        quality: Quality::Partial,
        missing: vec![missing("opinion:commercial", "deadline"), missing("memo", "budget")],
        opinions: opinions::of(&[Role::Analyst, Role::Financial], locale),
        conflicts: vec![],
        meeting: meeting::quick(locale),
        memo: vec![],
        actions: plan::actions(5, locale),
        risks: plan::risks(3, locale),
        scenarios: Some(money::scenarios(3, false)),
        minutes: vec![],
        findings: vec![],
        ..deep(locale)
    }
}

/// A deep analysis with everything in it: forty actions, fourteen risks, six opinions, eighteen months.
pub(super) fn deep(locale: Locale) -> Report {
    let pick = |en: &str, pt: &str| locale.pick(en, pt).to_owned();
    Report {
        version: VERSION,
        execution_id: "exec_0198a3f0c7d27aa1b3f4".to_owned(),
        depth: Depth::Deep,
        created_at: "2027-03-01T14:30:00Z".to_owned(),
        quality: Quality::Full,
        missing: vec![],
        brief: brief::brief(locale),
        opinions: opinions::of(Depth::Deep.roster(), locale),
        conflicts: meeting::conflicts(locale),
        meeting: meeting::deep(locale),
        summary: summary(locale),
        memo: memo(locale),
        actions: plan::actions(40, locale),
        risks: plan::risks(14, locale),
        scenarios: Some(money::scenarios(18, true)),
        minutes: minutes(locale),
        findings: vec![
            Finding {
                source: "reviewer".to_owned(),
                severity: "serious".to_owned(),
                text: pick(
                    "No opinion says what happens if the main competitor answers the new price within a month.",
                    "Nenhuma opinião diz o que acontece se o principal concorrente responder ao novo preço em um mês.",
                ),
            },
            Finding {
                source: "check:numbers_in_prose".to_owned(),
                severity: "warning".to_owned(),
                text: pick(
                    "Two sentences were reworded: they named numbers without a cell.",
                    "Duas frases foram reescritas: citavam números sem célula.",
                ),
            },
        ],
        cells: cells::cells(locale),
    }
}

fn summary(locale: Locale) -> Summary {
    let pick = |en: &str, pt: &str| locale.pick(en, pt).to_owned();
    Summary {
        headline: pick(
            "Start the retention programme now and raise prices of new contracts by 8%, within the budget of R$50,000.",
            "Iniciar já o programa de retenção e reajustar em 8% os preços dos novos contratos, dentro do orçamento de R$ 50.000.",
        ),
        paragraphs: vec![
            pick(
                "The company loses 4.8% of its customers each month, and that costs more than anything it could save elsewhere. With the retention programme, churn falls to about 3.6% within two quarters; cash then lasts beyond the horizon instead of ending in month eleven.",
                "A empresa perde 4,8% dos clientes por mês, e isso custa mais do que qualquer economia possível em outras frentes. Com o programa de retenção, o churn cai para cerca de 3,6% em dois trimestres; o caixa passa a durar além do horizonte, em vez de se esgotar no mês onze.",
            ),
            pick(
                "A higher price for new contracts is reversible and cheap. The financial and the commercial agent disagree about how many customers it deters; the decision therefore holds only while conversion stays above 2%.",
                "Um preço maior para novos contratos é reversível e barato. O financeiro e o comercial divergem sobre quantos clientes isso afasta; por isso a decisão só vale enquanto a conversão ficar acima de 2%.",
            ),
            pick(
                "Hiring two more salespeople was deferred: with the budget that there is, it competes with retention and would take longer to pay for itself.",
                "A contratação de dois vendedores foi adiada: com o orçamento disponível, ela concorre com a retenção e demoraria mais para se pagar.",
            ),
        ],
    }
}

fn memo(locale: Locale) -> Vec<String> {
    let one = locale.pick(
        "We weighed five ways to act against the cash that is left. Retention came first because its effect is certain enough to be counted on: every point of churn is worth about R$ 11,000 of monthly revenue after a year. The price change came second because it can be taken back within a week.",
        "Pesamos cinco caminhos contra o caixa restante. A retenção veio primeiro porque seu efeito é certo o bastante para se contar com ele: cada ponto de churn vale cerca de R$ 11.000 de receita mensal depois de um ano. O reajuste veio em segundo porque pode ser desfeito em uma semana.",
    );
    let two = locale.pick(
        "What would change our mind: conversion below 2% for four weeks in a row, or a legal opinion that contracts in force do not allow the new terms. Neither is likely, and both would be seen early.",
        "O que nos faria mudar de ideia: conversão abaixo de 2% por quatro semanas seguidas, ou um parecer jurídico de que os contratos vigentes não permitem as novas condições. Nenhum dos dois é provável, e ambos seriam percebidos cedo.",
    );
    vec![one.to_owned(), two.to_owned(), one.to_owned()]
}

fn minutes(locale: Locale) -> Vec<String> {
    let text = locale.pick(
        "The meeting dealt with three conflicts, the gravest first. On churn, the analyst held to 4.8% with the numbers of the last quarter, and the commercial agent revised its estimate after it had seen them.",
        "A reunião tratou de três conflitos, do mais grave ao menos grave. Sobre o churn, o analista manteve 4,8% com os números do último trimestre, e o comercial revisou sua estimativa depois de vê-los.",
    );
    let other = locale.pick(
        "On the budget, the financial agent asked that nothing beyond R$ 50,000 be started before the first results are in. Operations agreed; market did not, and its dissent is recorded 🚀.",
        "Sobre o orçamento, o financeiro pediu que nada além de R$ 50.000 fosse iniciado antes dos primeiros resultados. Operações concordou; mercado não, e sua divergência está registrada 🚀.",
    );
    vec![text.to_owned(), other.to_owned()]
}

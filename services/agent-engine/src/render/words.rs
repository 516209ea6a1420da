//! Which words stand in a report?

use crate::domain::locale::Locale;

/// One word a line, in both languages side by side, so that one sees at once whether they say the same.
macro_rules! words {
    ($($name:ident: $en:literal, $pt:literal;)*) => {
        /// All of one language. Labels begin with a capital letter, as they do on the page.
        pub(super) struct Words { $(pub $name: &'static str,)* }
        const EN: Words = Words { $($name: $en,)* };
        const PT_BR: Words = Words { $($name: $pt,)* };
        #[cfg(test)]
        const ALL: &[(&str, &str, &str)] = &[$((stringify!($name), $en, $pt),)*];
    };
}

words! {
    // The head.
    kind: "Executive analysis", "Análise executiva";
    author: "Perpetuo", "Perpetuo";
    untitled: "Analysis without a description", "Análise sem descrição";
    business: "Business", "Negócio";
    depth: "Depth", "Profundidade";
    date: "Date", "Data";
    horizon: "Horizon", "Horizonte";
    quality: "Coverage", "Cobertura";
    reference: "Reference", "Referência";
    partial_title: "This analysis is partial", "Esta análise é parcial";
    partial_text: "Part of what was planned did not come to its end. What follows rests on the rest.", "Parte do que foi planejado não foi concluída. O que segue se apoia no restante.";
    page: "Page", "Página";
    of: "of", "de";
    // Sections, in their order.
    decision: "Decision", "Decisão";
    key_figures: "Key figures", "Números-chave";
    decisions: "What was decided", "O que foi decidido";
    dissent: "Dissent", "Divergências";
    action_plan: "Action plan", "Plano de ação";
    scenarios: "Financial scenarios", "Cenários financeiros";
    risks: "Risk register", "Registro de riscos";
    conflicts: "Conflicts between opinions", "Conflitos entre as opiniões";
    opinions: "Opinions", "Opiniões";
    minutes: "Minutes of the meeting", "Ata da reunião";
    memo: "Decision memo", "Memorando da decisão";
    facts: "Facts and assumptions", "Fatos e premissas";
    findings: "Findings of the review", "Achados da revisão";
    // Parts of sections.
    agreed_figures: "Agreed figures", "Números acordados";
    timeline: "Timeline", "Cronograma";
    key_results: "Key results", "Resultados principais";
    by_month: "Month by month", "Mês a mês";
    sensitivity: "Sensitivity", "Sensibilidade";
    sensitivity_note: "Change of the total net result of the base scenario when one number changes by a tenth.", "Variação do resultado líquido total do cenário-base quando um número varia em um décimo.";
    inputs: "Starting numbers", "Números de partida";
    risk_matrix: "Risk matrix", "Matriz de riscos";
    problem: "The problem as it was put", "O problema como foi apresentado";
    constraints: "Constraints", "Restrições";
    known: "Facts", "Fatos";
    assumptions: "Assumptions", "Premissas";
    unknowns: "What is still unknown", "O que ainda não se sabe";
    // Columns.
    number: "#", "Nº";
    figure: "Figure", "Número";
    value: "Value", "Valor";
    range: "Range", "Intervalo";
    choice: "Choice", "Escolha";
    outcome: "Outcome", "Resultado";
    method: "Method", "Método";
    margin: "Margin", "Margem";
    confidence: "Confidence", "Confiança";
    conditions: "Conditions", "Condições";
    who: "Who", "Quem";
    reason: "Reason", "Motivo";
    would_change_if: "Would change if", "Mudaria se";
    action: "Action", "Ação";
    owner: "Owner", "Responsável";
    period: "Period", "Período";
    kpi: "Measured by", "Medida por";
    cost: "Cost", "Custo";
    priority: "Priority", "Prioridade";
    after: "After", "Depois de";
    scenario: "Scenario", "Cenário";
    total_net: "Total net result", "Resultado líquido total";
    end_cash: "Cash at the end", "Caixa ao final";
    cash_out: "Cash runs out", "Caixa se esgota";
    runway: "Runway", "Fôlego de caixa";
    payback: "Payback", "Retorno";
    npv: "NPV of the decision", "VPL da decisão";
    month: "Month", "Mês";
    revenue: "Revenue", "Receita";
    variable_costs: "Variable costs", "Custos variáveis";
    fixed_costs: "Fixed costs", "Custos fixos";
    investment: "Investment", "Investimento";
    net: "Net result", "Resultado líquido";
    cash: "Cash", "Caixa";
    net_unchanged: "Net, unchanged", "Líquido, sem mudança";
    cash_unchanged: "Cash, unchanged", "Caixa, sem mudança";
    a_tenth_less: "10% less", "10% a menos";
    a_tenth_more: "10% more", "10% a mais";
    source: "Source", "Fonte";
    quote: "In the words of the problem", "Nas palavras do problema";
    risk: "Risk", "Risco";
    probability: "Probability", "Probabilidade";
    impact: "Impact", "Impacto";
    probability_short: "Prob.", "Prob.";
    impact_short: "Imp.", "Imp.";
    exposure_short: "Exp.", "Exp.";
    mitigation: "Mitigation", "Mitigação";
    trigger: "Trigger", "Sinal de alerta";
    named_by: "Named by", "Apontado por";
    conflict: "Conflict", "Conflito";
    between: "Between", "Entre";
    severity: "Severity", "Gravidade";
    said: "What was said", "O que foi dito";
    status: "Status", "Situação";
    statement: "Statement", "Afirmação";
    basis: "Basis", "Base";
    recommendation: "Recommendation", "Recomendação";
    effects: "Effects", "Efeitos";
    constraint: "Constraint", "Restrição";
    limit: "Limit", "Limite";
    assumption: "Assumption", "Premissa";
    finding: "Finding", "Achado";
    // Said in passing.
    within_horizon_no: "not in the horizon", "fora do horizonte";
    lasts: "lasts", "não se esgota";
    no_shrinking: "does not shrink", "não diminui";
    base: "Base", "Base";
    optimistic: "Optimistic", "Otimista";
    pessimistic: "Pessimistic", "Pessimista";
    unchanged: "Unchanged", "Sem mudança";
    cash_by_month: "Cash at the end of each month", "Caixa ao final de cada mês";
    net_by_month: "Net result of each month", "Resultado líquido de cada mês";
    every_few_months: "Selected months; the CSV has all of them.", "Meses selecionados; o CSV traz todos.";
    amounts_in: "Base scenario, amounts in", "Cenário-base, valores em";
    conformity: "A vote changed without a new reason: the sealed vote was counted.", "Um voto mudou sem razão nova: valeu o voto secreto.";
    must: "Must", "Indispensável";
    other_actions: "Other priorities", "Outras prioridades";
    day: "day", "dia";
    assumed_by: "Assumed by", "Assumido por";
    points: "points", "p.p.";
    no_reason: "no reason given", "sem razão apresentada";
    confidence_of: "confidence", "confiança";
}

impl Words {
    /// Those of a language.
    pub const fn of(locale: Locale) -> &'static Self {
        match locale {
            Locale::En => &EN,
            Locale::PtBr => &PT_BR,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_there_in_both_languages() {
        for (name, en, pt) in ALL {
            assert!(!en.trim().is_empty() && !pt.trim().is_empty(), "{name}");
        }
        assert_eq!((Words::of(Locale::En).dissent, Words::of(Locale::PtBr).memo), ("Dissent", "Memorando da decisão"));
    }
}

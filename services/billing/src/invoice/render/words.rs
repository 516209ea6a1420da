//! Which words stand on an invoice?

use super::Language;

/// All of one language. Labels begin with a capital letter, as they do on the page.
pub(super) struct Words {
    pub invoice: &'static str,
    pub number: &'static str,
    pub issued: &'static str,
    pub due: &'static str,
    pub from: &'static str,
    pub to: &'static str,
    pub description: &'static str,
    pub period: &'static str,
    pub quantity: &'static str,
    pub amount: &'static str,
    pub subtotal: &'static str,
    pub included: &'static str,
    pub total: &'static str,
    pub credits_applied: &'static str,
    pub amount_due: &'static str,
    pub instructions: &'static str,
    /// Between an amount and the day by which it is to be paid.
    pub due_by: &'static str,
    pub page: &'static str,
    pub of: &'static str,
    pub unused_time: &'static str,
    pub remaining_time: &'static str,
    /// Between time and the plan that it is of.
    pub on: &'static str,
    pub usage: &'static str,
    pub late_usage: &'static str,
    pub credits: &'static str,
    pub discount: &'static str,
    pub unused_discount: &'static str,
    /// A plan of which no title is known.
    pub plan: &'static str,
    /// What an operator wrote down without a word.
    pub manual: &'static str,
}

const EN: Words = Words {
    invoice: "Invoice",
    number: "Invoice number",
    issued: "Date of issue",
    due: "Date due",
    from: "From",
    to: "Bill to",
    description: "Description",
    period: "Period",
    quantity: "Quantity",
    amount: "Amount",
    subtotal: "Subtotal",
    included: "included",
    total: "Total",
    credits_applied: "Credits applied",
    amount_due: "Amount due",
    instructions: "How to pay",
    due_by: "due",
    page: "Page",
    of: "of",
    unused_time: "Unused time",
    remaining_time: "Remaining time",
    on: "on",
    usage: "Model usage",
    late_usage: "Model usage of earlier periods",
    credits: "Prepaid credits",
    discount: "Discount",
    unused_discount: "Discount on unused time",
    plan: "Plan",
    manual: "Adjustment",
};

const PT_BR: Words = Words {
    invoice: "Fatura",
    number: "Número da fatura",
    issued: "Data de emissão",
    due: "Vencimento",
    from: "De",
    to: "Para",
    description: "Descrição",
    period: "Período",
    quantity: "Quantidade",
    amount: "Valor",
    subtotal: "Subtotal",
    included: "incluído",
    total: "Total",
    credits_applied: "Créditos aplicados",
    amount_due: "Valor a pagar",
    instructions: "Como pagar",
    due_by: "com vencimento em",
    page: "Página",
    of: "de",
    unused_time: "Tempo não utilizado",
    remaining_time: "Tempo restante",
    on: "de",
    usage: "Uso de modelos",
    late_usage: "Uso de modelos de períodos anteriores",
    credits: "Créditos pré-pagos",
    discount: "Desconto",
    unused_discount: "Desconto sobre tempo não utilizado",
    plan: "Plano",
    manual: "Ajuste",
};

impl Words {
    /// Those of a language.
    pub const fn of(language: Language) -> &'static Self {
        match language {
            Language::En => &EN,
            Language::PtBr => &PT_BR,
        }
    }
}

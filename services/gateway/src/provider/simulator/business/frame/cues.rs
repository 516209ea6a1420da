//! By which words does one know a metric?

/// A metric, the unit of its amounts, and words for it without accents.
pub struct Cue {
    /// A key of the registry.
    pub key: &'static str,
    /// The unit that an amount must have.
    pub unit: &'static str,
    /// Longer ones first where one is a part of another.
    pub words: &'static [&'static str],
}

const fn cue(key: &'static str, unit: &'static str, words: &'static [&'static str]) -> Cue {
    Cue { key, unit, words }
}

/// All of them. `percent` of revenue and sales is its growth.
#[rustfmt::skip]
pub const CUES: &[Cue] = &[
    cue("revenue_growth", "percent", &["receita", "faturamento", "vendas", "revenue", "sales", "turnover fell", "crescimento"]),
    cue("market_growth", "percent", &["mercado cresce", "mercado cai", "crescimento do mercado", "market grows", "market growth", "market is growing", "market shrinks"]),
    cue("gross_margin", "percent", &["margem bruta", "margem de contribuicao", "margem", "gross margin", "margins", "margin"]),
    cue("churn", "percent", &["churn", "cancelamentos", "cancelamento", "cancelam", "evasao", "perda de clientes", "dos clientes saem", "clientes saem", "customers leave", "cancellation", "attrition"]),
    cue("retention", "percent", &["retencao", "retention", "renovacao", "renewal"]),
    cue("interest_rate", "percent", &["juros", "taxa de juros", "interest"]),
    cue("conversion", "percent", &["conversao", "conversion", "taxa de fechamento", "close rate"]),
    cue("discount", "percent", &["descontos", "desconto", "discounts", "discount"]),
    cue("market_share", "percent", &["participacao de mercado", "market share", "do mercado", "of the market"]),
    cue("employee_turnover", "percent", &["rotatividade", "turnover", "staff leave", "employees leave", "funcionarios saem"]),
    cue("capacity_use", "percent", &["da capacidade", "capacidade", "ocupacao", "of capacity", "capacity", "occupancy"]),
    cue("defect_rate", "percent", &["defeitos", "defeito", "retrabalho", "refugo", "devolucoes", "devolucao", "defects", "defective", "defect rate", "rework", "returns"]),
    cue("on_time_delivery", "percent", &["entregas no prazo", "no prazo", "pontualidade", "on time", "on-time", "punctual"]),
    cue("uptime", "percent", &["disponibilidade", "uptime", "availability"]),
    cue("tax_rate", "percent", &["carga tributaria", "impostos", "tributos", "tax rate", "taxes"]),
    cue("x_client_share", "percent", &["maior cliente", "principal cliente", "um cliente", "unico cliente", "um so cliente", "largest client", "largest customer", "biggest client", "biggest customer", "main client", "single client", "one client", "one customer"]),
    cue("average_ticket", "money", &["ticket medio", "valor medio", "average ticket", "average order", "average sale"]),
    cue("arpu", "money", &["por cliente", "arpu", "per customer", "per client", "mensalidade", "subscription of"]),
    cue("cac", "money", &["custo de aquisicao", "cac", "acquisition cost", "cost of acquisition", "to acquire a customer"]),
    cue("ltv", "money", &["ltv", "lifetime value", "valor do cliente"]),
    cue("burn", "money", &["queimamos", "queimando", "queima de caixa", "queima", "burning", "burn rate", "burns", "burn", "prejuizo de", "caixa cai"]),
    cue("cash", "money", &["em caixa", "caixa", "no banco", "in cash", "cash", "in the bank", "reservas"]),
    cue("debt", "money", &["divida", "dividas", "emprestimos", "emprestimo", "endividamento", "devemos", "debt", "debts", "loans", "loan", "owe"]),
    cue("operating_costs", "money", &["custos operacionais", "custo operacional", "despesas", "custos totais", "operating costs", "operating expenses", "expenses", "costs"]),
    cue("fixed_costs", "money", &["custos fixos", "custo fixo", "despesas fixas", "fixed costs", "fixed cost"]),
    cue("payroll", "money", &["folha de pagamento", "folha salarial", "folha", "payroll", "salarios", "salaries", "wages"]),
    cue("marketing_spend", "money", &["marketing", "anuncios", "midia paga", "publicidade", "ads", "advertising"]),
    cue("net_income", "money", &["lucro liquido", "lucro", "net income", "net profit", "profit"]),
    cue("ebitda", "money", &["ebitda"]),
    cue("inventory", "money", &["em estoque", "estoque", "inventory", "in stock", "stock"]),
    cue("investment", "money", &["investimento", "investir", "investment", "invest", "custa", "capex"]),
    cue("legal_exposure", "money", &["multas", "multa", "passivo trabalhista", "passivo", "acoes trabalhistas", "processo", "fines", "fine", "lawsuit", "penalties", "penalty", "exposure"]),
    cue("price", "money", &["preco", "price", "cobramos", "we charge"]),
    cue("revenue", "money", &["receita mensal", "receita", "faturamento", "faturamos", "fatura", "vendemos", "vendas", "mrr", "arr", "revenue", "sales", "we make", "billing"]),
    cue("headcount", "number", &["funcionarios", "colaboradores", "empregados", "pessoas", "employees", "people", "staff", "equipe de", "team of", "workers"]),
    cue("new_customers", "number", &["novos clientes", "clientes novos", "new customers", "new clients", "new subscribers"]),
    cue("customers", "number", &["clientes ativos", "clientes", "assinantes", "alunos", "pacientes", "usuarios", "active customers", "customers", "subscribers", "clients", "users", "members", "students", "patients"]),
    cue("leads", "number", &["leads", "contatos por mes", "oportunidades"]),
    cue("support_tickets", "number", &["chamados", "reclamacoes", "tickets", "complaints"]),
    cue("nps", "number", &["nps"]),
    cue("ltv_cac", "ratio", &["ltv/cac", "ltv to cac", "ltv:cac"]),
    cue("runway", "months", &["runway", "folego", "caixa para", "caixa dura", "dura mais", "cash for", "cash lasts", "cash left", "de caixa", "of cash"]),
    cue("payback", "months", &["payback", "retorno do investimento", "retorno em", "pays back"]),
    cue("receivables_days", "days", &["prazo de recebimento", "prazo medio de recebimento", "recebemos", "recebimento", "clientes pagam", "receivables", "customers pay", "clients pay", "dso"]),
    cue("payables_days", "days", &["prazo de pagamento", "pagamos fornecedores", "pagamos os fornecedores", "payables", "suppliers are paid", "pay suppliers", "dpo"]),
    cue("inventory_days", "days", &["de estoque", "estoque", "of inventory", "inventory", "of stock", "stock"]),
    cue("lead_time", "days", &["prazo de entrega", "lead time", "entregamos", "entrega em", "entrega leva", "delivery takes", "to deliver", "delivery time", "time of delivery"]),
];

use super::all;

type Fact = (&'static str, f64, Option<&'static str>, &'static str);
type Limit = (&'static str, Option<&'static str>, Option<f64>);

/// Words; key, value, period and quote of facts; kind, key and value of limits.
#[rustfmt::skip]
const ROWS: &[(&str, &[Fact], &[Limit])] = &[
    ("Faturamos R$ 500 mil por mês com margem de 35%.", &[("revenue", 500000.0, Some("month"), "R$ 500 mil"), ("gross_margin", 35.0, None, "35%")], &[]),
    ("As vendas caíram 20% nos últimos três meses.", &[("revenue_growth", -20.0, Some("quarter"), "20%")], &[]),
    ("Temos caixa de R$ 1,2 milhão e queimamos R$ 150 mil por mês.", &[("cash", 1200000.0, None, "R$ 1,2 milhão"), ("burn", 150000.0, Some("month"), "R$ 150 mil")], &[]),
    ("Nosso churn de 6% ao mês preocupa.", &[("churn", 6.0, Some("month"), "6%")], &[]),
    ("Somos 12 funcionários e a folha é de R$ 85.000,00.", &[("headcount", 12.0, None, "12"), ("payroll", 85000.0, Some("month"), "R$ 85.000,00")], &[]),
    ("O CAC é de R$ 900 e o ticket médio de R$ 250.", &[("cac", 900.0, None, "R$ 900"), ("average_ticket", 250.0, None, "R$ 250")], &[]),
    ("O orçamento é de no máximo R$ 80 mil.", &[], &[("budget_cap", None, Some(80000.0))]),
    ("Podemos gastar até R$ 50.000 em 90 dias.", &[], &[("budget_cap", None, Some(50000.0)), ("deadline", None, Some(90.0))]),
    ("Queremos recuperar as vendas em até 6 meses sem demitir.", &[], &[("deadline", None, Some(180.0)), ("forbidden", Some("headcount"), None)]),
    ("A dívida é de R$ 2 milhões com juros de 2,5% ao mês.", &[("debt", 2000000.0, None, "R$ 2 milhões"), ("interest_rate", 2.5, Some("month"), "2,5%")], &[]),
    ("Um cliente responde por 45% da receita.", &[("x_client_share", 45.0, None, "45%")], &[]),
    ("O estoque de 120 dias está parado e recebemos em 60 dias.", &[("inventory_days", 120.0, None, "120 dias"), ("receivables_days", 60.0, None, "60 dias")], &[]),
    ("A taxa de defeitos é de 4,5% e apenas 82% das entregas no prazo.", &[("defect_rate", 4.5, None, "4,5%"), ("on_time_delivery", 82.0, None, "82%")], &[]),
    ("A margem não pode ficar abaixo de 30%.", &[], &[("metric_min", Some("gross_margin"), Some(30.0))]),
    ("O mercado cresce 8% ao ano e temos 12% do mercado.", &[("market_growth", 8.0, Some("year"), "8%"), ("market_share", 12.0, None, "12%")], &[]),
    ("Temos 1.200 clientes ativos e 40 novos clientes por mês.", &[("customers", 1200.0, None, "1.200"), ("new_customers", 40.0, Some("month"), "40")], &[]),
    ("O fôlego é de 4 meses.", &[("runway", 4.0, None, "4 meses")], &[]),
    ("Revenue is $2M a year and gross margin is 70%.", &[("revenue", 2000000.0, Some("year"), "$2M"), ("gross_margin", 70.0, None, "70%")], &[]),
    ("Sales fell 15% last quarter.", &[("revenue_growth", -15.0, Some("quarter"), "15%")], &[]),
    ("We have $300k in cash and burn $60k per month.", &[("cash", 300000.0, None, "$300k"), ("burn", 60000.0, Some("month"), "$60k")], &[]),
    ("Churn is 5% per month with 800 customers.", &[("churn", 5.0, Some("month"), "5%"), ("customers", 800.0, None, "800")], &[]),
    ("We have 25 employees and a payroll of $120,000.", &[("headcount", 25.0, None, "25"), ("payroll", 120000.0, Some("month"), "$120,000")], &[]),
    ("Não posso gastar mais de R$ 25 mil e não quero demitir ninguém.", &[], &[("budget_cap", None, Some(25000.0)), ("forbidden", Some("headcount"), None)]),
    ("We can't spend more than $30k and don't want to lay off anybody.", &[], &[("budget_cap", None, Some(30000.0)), ("forbidden", Some("headcount"), None)]),
    ("Sem gastar mais do que R$ 12.000 por enquanto.", &[], &[("budget_cap", None, Some(12000.0))]),
    ("O diesel subiu e um cliente responde por 46% da receita de R$ 2,1 milhões por mês.", &[("x_client_share", 46.0, None, "46%"), ("revenue", 2100000.0, Some("month"), "R$ 2,1 milhões")], &[]),
    ("Costs rose and one client brings 38% of our sales.", &[("x_client_share", 38.0, None, "38%")], &[]),
    ("Our budget is at most $40k.", &[], &[("budget_cap", None, Some(40000.0))]),
    ("We need to decide within 60 days without layoffs.", &[], &[("deadline", None, Some(60.0)), ("forbidden", Some("headcount"), None)]),
    ("Our largest client is 40% of revenue.", &[("x_client_share", 40.0, None, "40%")], &[]),
    ("Runway is 7 months.", &[("runway", 7.0, None, "7 months")], &[]),
    ("Customer acquisition cost is $450 and average order is $80.", &[("cac", 450.0, None, "$450"), ("average_ticket", 80.0, None, "$80")], &[]),
    ("We owe $1.5 million in loans at 1.8% interest per month.", &[("debt", 1500000.0, None, "$1.5 million"), ("interest_rate", 1.8, Some("month"), "1.8%")], &[]),
    ("Capacity is at 92% and lead time is 18 days.", &[("capacity_use", 92.0, None, "92%"), ("lead_time", 18.0, None, "18 days")], &[]),
    ("We must keep at least $100k in cash.", &[], &[("metric_min", Some("cash"), Some(100000.0))]),
    ("NPS of 42 and conversion of 3.5%.", &[("nps", 42.0, None, "42"), ("conversion", 3.5, None, "3.5%")], &[]),
    ("Investimento de R$ 400 mil com payback de 18 meses.", &[("investment", 400000.0, None, "R$ 400 mil"), ("payback", 18.0, None, "18 meses")], &[]),
    ("A receita cresceu 10% no ano, mas o lucro é de R$ 20 mil.", &[("revenue_growth", 10.0, Some("year"), "10%"), ("net_income", 20000.0, Some("month"), "R$ 20 mil")], &[]),
    ("Rotatividade de 8% ao mês na equipe de 60 pessoas.", &[("employee_turnover", 8.0, Some("month"), "8%"), ("headcount", 60.0, None, "60")], &[]),
    ("Risco de multa de R$ 300 mil por LGPD.", &[("legal_exposure", 300000.0, None, "R$ 300 mil")], &[]),
    ("Sem aumentar preços, precisamos reduzir custos fixos de R$ 95 mil.", &[("fixed_costs", 95000.0, Some("month"), "R$ 95 mil")], &[("forbidden", Some("pricing"), None)]),
    ("Perdemos 40 clientes no trimestre e gastamos R$ 30 mil em marketing.", &[("marketing_spend", 30000.0, Some("month"), "R$ 30 mil")], &[]),
];

#[test]
fn sentences_are_read_exactly() {
    for (text, facts, limits) in ROWS {
        let (read, bound) = all(text);
        let read: Vec<Fact> =
            read.iter().map(|f| (leak(&f.key), f.value, f.period.as_deref().map(leak), leak(&f.quote))).collect();
        let bound: Vec<Limit> = bound.iter().map(|l| (l.kind, l.key.as_deref().map(leak), l.value)).collect();
        assert_eq!((read.as_slice(), bound.as_slice()), (*facts, *limits), "{text}");
    }
}

fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

#[test]
fn units_and_odd_numbers() {
    let unit = |text: &str| all(text).0.first().map(|fact| fact.unit.clone());
    assert_eq!(unit("NPS de 40").as_deref(), Some("score"));
    assert_eq!(unit("somos 9 pessoas").as_deref(), Some("count"));
    assert_eq!(unit("runway of 5 months").as_deref(), Some("months"));
    for text in ["", "R$", "R$ ,", "1.2.3,4,5", "%", "caixa de R$ 99999999999999999999999999999999 mil", "ﬁ İ ß 20% é"]
    {
        let _ = all(text);
    }
    assert!(all("Nada de números aqui").0.is_empty());
}

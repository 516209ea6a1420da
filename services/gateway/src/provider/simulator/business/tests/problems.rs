use serde_json::{Value, json};

/// Words, kind of business, facts, cap.
type Row = (&'static str, &'static str, &'static [(&'static str, f64)], Option<f64>);

const ROWS: &[Row] = &[
    (
        "As vendas da loja caíram 20% nos últimos três meses e o caixa está acabando.",
        "loja de roupas",
        &[("revenue", 200e3), ("cash", 180e3), ("burn", 40e3), ("gross_margin", 48.0), ("revenue_growth", -20.0)],
        Some(50e3),
    ),
    (
        "Nosso churn subiu para 6% ao mês depois da mudança de plataforma.",
        "SaaS",
        &[("churn", 6.0), ("customers", 420.0), ("arpu", 500.0), ("cac", 1500.0), ("cash", 2e6), ("burn", 80e3)],
        None,
    ),
    (
        "Um cliente responde por 45% da receita e quer renegociar o contrato de transporte.",
        "transportadora",
        &[("x_client_share", 45.0), ("revenue", 900e3)],
        None,
    ),
    ("Precisamos decidir se trocamos o sistema de reservas por um próprio.", "pousada", &[], None),
    (
        "O custo da energia dobrou e a fábrica não consegue repassar.",
        "indústria de plásticos",
        &[("operating_costs", 1.1e6), ("revenue", 1.2e6), ("gross_margin", 18.0)],
        None,
    ),
    (
        "A rotatividade de garçons chegou a 9% ao mês e o atendimento piorou.",
        "restaurante",
        &[("employee_turnover", 9.0), ("headcount", 35.0), ("payroll", 90e3)],
        Some(30e3),
    ),
    (
        "Queremos abrir uma segunda loja em outra cidade.",
        "padaria",
        &[("investment", 400e3), ("cash", 250e3), ("revenue", 180e3)],
        None,
    ),
    (
        "Atrasos nas entregas de produtos refrigerados geram multas dos supermercados.",
        "distribuidora de alimentos",
        &[("on_time_delivery", 78.0), ("revenue", 3e6)],
        None,
    ),
    (
        "Temos estoque encalhado de coleções antigas.",
        "e-commerce de moda",
        &[("inventory_days", 160.0), ("revenue", 350e3), ("gross_margin", 40.0)],
        None,
    ),
    (
        "A dívida com três bancos vence em um ano e os juros pesam.",
        "construtora",
        &[("debt", 6e6), ("interest_rate", 2.1), ("revenue", 1.5e6)],
        None,
    ),
    (
        "Um concorrente novo vende pela metade do preço no marketplace.",
        "fabricante de móveis",
        &[("market_share", 14.0), ("gross_margin", 33.0)],
        Some(120e3),
    ),
    (
        "Recebemos uma notificação por vazamento de dados dos pacientes, com risco de multa pela LGPD.",
        "clínica odontológica",
        &[("legal_exposure", 800e3), ("cash", 500e3)],
        None,
    ),
    (
        "Nosso fornecedor único de embalagens parou de entregar.",
        "cosméticos",
        &[("inventory_days", 18.0), ("revenue", 600e3)],
        None,
    ),
    (
        "Recebemos uma proposta de fusão com um concorrente regional.",
        "rede de farmácias",
        &[("ebitda", 400e3), ("debt", 2e6)],
        None,
    ),
    (
        "Na baixa temporada a ocupação cai e os custos fixos não.",
        "hotel fazenda",
        &[("fixed_costs", 150e3), ("revenue", 210e3), ("gross_margin", 60.0)],
        None,
    ),
    (
        "Vamos lançar um aplicativo de telemedicina e não sabemos se haverá demanda.",
        "healthtech",
        &[("cash", 900e3), ("burn", 120e3), ("investment", 300e3)],
        Some(200e3),
    ),
    (
        "A margem caiu porque os insumos importados subiram com o dólar.",
        "cervejaria artesanal",
        &[("gross_margin", 24.0), ("revenue", 260e3)],
        None,
    ),
    (
        "Evasão de alunos no segundo semestre do curso de idiomas.",
        "escola de idiomas",
        &[("churn", 4.5), ("customers", 800.0), ("arpu", 320.0)],
        None,
    ),
    (
        "Our sales fell 15% last quarter and quotes stay unanswered.",
        "machinery distributor",
        &[("revenue", 800e3), ("revenue_growth", -15.0)],
        None,
    ),
    (
        "We burn $90k a month and have four months of runway left.",
        "fintech startup",
        &[("cash", 360e3), ("burn", 90e3), ("revenue", 60e3)],
        None,
    ),
    (
        "Customers cancel after the free trial of our analytics tool.",
        "B2B software",
        &[("churn", 8.0), ("cac", 900.0), ("arpu", 120.0), ("gross_margin", 80.0)],
        None,
    ),
    (
        "Should we enter the Mexican market with our organic snacks?",
        "food manufacturer",
        &[("cash", 1.5e6), ("revenue", 700e3)],
        Some(300e3),
    ),
    (
        "Our main supplier of microchips delays every order by five weeks.",
        "electronics maker",
        &[("lead_time", 55.0), ("on_time_delivery", 71.0)],
        None,
    ),
    (
        "Experienced nurses quit and we cannot fill the night shifts.",
        "private clinic",
        &[("employee_turnover", 6.0), ("headcount", 120.0)],
        None,
    ),
    (
        "A price war with two discount chains eats our margin.",
        "grocery store",
        &[("gross_margin", 19.0), ("revenue", 1.1e6)],
        None,
    ),
    (
        "The returns of defective shoes doubled since we changed the factory.",
        "footwear brand",
        &[("defect_rate", 7.0), ("revenue", 450e3)],
        None,
    ),
    (
        "The founder wants to sell his share and leave the partnership.",
        "architecture firm",
        &[("revenue", 150e3)],
        None,
    ),
    (
        "New rules on pesticides require a license for half of our products.",
        "agricultural store",
        &[("legal_exposure", 250e3), ("revenue", 500e3)],
        None,
    ),
    (
        "Warehouse rents rose 40% and our costs are out of control.",
        "logistics operator",
        &[("operating_costs", 920e3), ("revenue", 900e3)],
        None,
    ),
    ("Should the choir switch from printed programmes to a phone guide?", "concert hall", &[], None),
    (
        "Devemos trocar a frota a diesel por veículos elétricos?",
        "empresa de entregas rápidas",
        &[("cash", 700e3)],
        None,
    ),
    (
        "Leads from paid search cost twice as much and conversion is 2%.",
        "online travel agency",
        &[("conversion", 2.0), ("leads", 4000.0), ("average_ticket", 600.0), ("cac", 180.0)],
        None,
    ),
    (
        "O ticket médio caiu e o fluxo de clientes no salão também.",
        "salão de beleza",
        &[("average_ticket", 95.0), ("customers", 600.0)],
        None,
    ),
];

fn unit(key: &str) -> &'static str {
    let known = super::super::names::metric(key).map(|metric| metric.unit.as_str());
    known.unwrap_or(if key.ends_with("share") { "percent" } else { "count" })
}

/// More than thirty briefs.
pub fn briefs() -> Vec<Value> {
    let brief = |(text, business, facts, cap): &Row| {
        let facts: Vec<Value> = facts
            .iter()
            .map(|(key, value)| json!({"key": key, "value": value, "unit": unit(key), "period": null, "source": "given"}))
            .collect();
        let constraints: Vec<Value> =
            cap.iter().map(|cap| json!({"kind": "budget_cap", "key": null, "value": cap, "text": "cap"})).collect();
        json!({
            "problem_description": text, "business_type": business, "currency": "BRL", "horizon_days": 90,
            "facts": facts, "constraints": constraints,
        })
    };
    ROWS.iter().map(brief).collect()
}

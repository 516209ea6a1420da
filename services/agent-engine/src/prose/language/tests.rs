use super::*;

const PORTUGUESE: [&str; 28] = [
    "Aprovado por maioria: três votos a favor e um contra.",
    "Investimento concentrado no primeiro trimestre.",
    "Priorizar clientes corporativos e renegociar contratos vencidos.",
    "Implantar indicadores semanais de inadimplência.",
    "Custo de aquisição elevado compromete o retorno esperado.",
    "Adiar novo produto; testar hipótese com piloto regional.",
    "Fluxo de caixa positivo a partir do sexto mês, segundo projeção.",
    "Concorrentes oferecem condições parecidas por valor inferior.",
    "Faltam dados confiáveis para estimar elasticidade.",
    "Automatizar cobrança libera horas produtivas da operação.",
    "A receita caiu e o caixa dura apenas alguns meses.",
    "Recomendamos reduzir custos fixos antes de qualquer investimento.",
    "O programa de retenção começa em março, com piloto em duas lojas.",
    "Não há consenso sobre preços; o financeiro votou contra.",
    "Aumentar preços agora pode acelerar a perda de clientes.",
    "A margem bruta melhora se os descontos forem controlados.",
    "Decidiu-se manter a equipe comercial e renegociar dívidas.",
    "Os fornecedores aceitam prazo maior de pagamento.",
    "O mercado cresce devagar e a concorrência aumenta.",
    "Sem capital de giro, a empresa para em poucas semanas.",
    "Margem baixa, estoque alto, prazo curto: cortar custos.",
    "Clientes antigos compram mais e custam bem menos.",
    "A decisao depende da aprovacao do orcamento pela diretoria.",
    "Quem discorda mudaria de ideia com dados de cancelamento.",
    "Contratar vendedores, treinar a equipe e medir os resultados.",
    "Risco principal: queda de demanda durante a transição.",
    "Focar em clientes grandes para elevar o ticket médio.",
    "Entregas no prazo caem quando a capacidade se esgota.",
];

const SPANISH: [&str; 28] = [
    "Aprobado por mayoría: tres votos a favor y uno en contra.",
    "Inversión concentrada en el primer trimestre del año.",
    "Priorizar clientes corporativos y renegociar contratos vencidos.",
    "Implantar indicadores semanales de morosidad.",
    "Costo de adquisición elevado compromete el retorno esperado.",
    "Aplazar nuevo producto; probar hipótesis con piloto regional.",
    "Flujo de caja positivo a partir del sexto mes, según proyección.",
    "Competidores ofrecen condiciones parecidas por valor inferior.",
    "Faltan datos confiables para estimar elasticidad.",
    "Automatizar la cobranza libera horas productivas de la operación.",
    "Los ingresos bajaron y la caja dura solo unos meses.",
    "Recomendamos reducir costos fijos antes de cualquier inversión.",
    "El programa de retención empieza en marzo, con piloto en dos tiendas.",
    "No hay consenso sobre precios; el área financiera votó en contra.",
    "Aumentar precios ahora puede acelerar la pérdida de clientes.",
    "El margen bruto mejora si los descuentos se controlan.",
    "Se decidió mantener el equipo comercial y renegociar deudas.",
    "Los proveedores aceptan un plazo mayor de pago anual.",
    "El mercado crece despacio y la competencia aumenta.",
    "Sin capital de trabajo, la empresa se detiene en pocas semanas.",
    "Margen bajo, inventario alto, plazo corto: recortar costos.",
    "Los clientes antiguos compran más y cuestan menos.",
    "La decision depende de la aprobacion del presupuesto por la junta.",
    "Quien discrepa cambiaría de idea con datos de cancelación.",
    "Contratar vendedores, entrenar al equipo y medir los resultados.",
    "Riesgo principal: caída de la demanda durante la transición.",
    "¿Conviene invertir en nuevos canales durante este trimestre?",
    "Entregas a tiempo caen cuando la capacidad se agota.",
];

const ENGLISH: [&str; 20] = [
    "Approved by majority: three votes in favour, one against.",
    "Investment concentrated in the first quarter.",
    "Prioritise enterprise accounts and renegotiate overdue contracts.",
    "Introduce weekly indicators of late payment.",
    "Acquisition spending erodes expected returns.",
    "Postpone new product; test hypothesis through regional pilot.",
    "Revenue fell and cash lasts only a few more months.",
    "We recommend cutting fixed costs before any investment.",
    "The retention programme starts in March, with a pilot in two stores.",
    "There is no consensus on prices; Financial voted against.",
    "Raising prices now may speed up the loss of customers.",
    "Gross margin improves if discounts are kept under control.",
    "The board decided to keep the sales team and renegotiate debt.",
    "Suppliers accept longer payment terms for larger orders.",
    "The market grows slowly while competition increases.",
    "Low margin, high inventory, short terms: cut costs.",
    "Old customers buy more and cost far less to serve.",
    "Hire salespeople, train the team and measure results.",
    "Main risk: demand drops during the transition period.",
    "Deliveries slip when capacity runs out in the peak season.",
];

const OTHER: [&str; 12] = [
    "Le chiffre d'affaires baisse et la trésorerie est faible.",
    "Nous recommandons de réduire les coûts fixes avant tout.",
    "Les clients partent parce que les prix sont trop élevés.",
    "Il faut investir dans la fidélisation des clients.",
    "Der Umsatz ist gesunken und die Kosten sind zu hoch.",
    "Wir empfehlen, die Preise nicht sofort zu erhöhen.",
    "Die Kundenbindung wird mit einem neuen Programm verbessert.",
    "I ricavi sono diminuiti e i costi della società crescono.",
    "Consigliamo di ridurre i costi prima degli investimenti.",
    "Выручка упала, а денежных средств хватит на несколько месяцев.",
    "売上が減少し、現金は数か月分しかありません。固定費を削減し、顧客維持プログラムを開始することを推奨します。",
    "انخفضت الإيرادات ويكفي النقد لبضعة أشهر فقط من التشغيل",
];

#[test]
fn every_sentence_is_told_apart() {
    let mut wrong = Vec::new();
    for (sentences, wanted) in [
        (&PORTUGUESE[..], Language::Known(Locale::PtBr)),
        (&SPANISH[..], Language::Spanish),
        (&ENGLISH[..], Language::Known(Locale::En)),
        (&OTHER[..], Language::Other),
    ] {
        for sentence in sentences {
            let letters = sentence.chars().filter(|c| c.is_alphabetic()).count();
            let wanted = (letters >= LETTERS).then_some(wanted);
            if language(sentence) != wanted {
                wrong.push(format!("{sentence} ({letters} letters): {:?}", language(sentence)));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn a_report_speaks_its_language_and_little_text_speaks_all() {
    for text in PORTUGUESE {
        assert!(speaks(text, Locale::PtBr) && !(text.len() > 60 && speaks(text, Locale::En)), "{text}");
    }
    assert!(
        SPANISH.iter().all(|text| !speaks(text, Locale::PtBr)) && SPANISH.iter().all(|text| !speaks(text, Locale::En))
    );
    assert_eq!(
        [language("Aprovado."), language(""), language(&"1".repeat(99)), language(&"zzz ".repeat(30))],
        [None; 4]
    );
    assert!(speaks("Sí, claro.", Locale::PtBr));
}

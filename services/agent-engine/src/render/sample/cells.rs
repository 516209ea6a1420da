//! Which numbers may prose use?

use crate::domain::{locale::Locale, report::Cell};
use std::collections::BTreeMap;

type Pair = (&'static str, &'static str);
/// Id, value, unit, text, label and origin.
type Row = (&'static str, f64, &'static str, Pair, Pair, &'static str);

const CELLS: [Row; 9] = [
    (
        "c01",
        612_400.0,
        "money",
        ("R$612k", "R$ 612 mil"),
        ("Total net result, base", "Resultado líquido total, base"),
        "computed:base.total_net",
    ),
    (
        "c02",
        431_900.0,
        "money",
        ("R$432k", "R$ 432 mil"),
        ("Cash at the end, base", "Caixa ao final, base"),
        "computed:base.end_cash",
    ),
    (
        "c03",
        -88_000.0,
        "money",
        ("-R$88k", "-R$ 88 mil"),
        ("Cash at the end, unchanged", "Caixa ao final, sem mudança"),
        "computed:unchanged.end_cash",
    ),
    (
        "c04",
        7.0,
        "months",
        ("7 months", "7 meses"),
        ("Payback of the decision", "Retorno da decisão"),
        "computed:base.payback",
    ),
    (
        "c05",
        184_300.0,
        "money",
        ("R$184k", "R$ 184 mil"),
        ("Net present value of the decision", "Valor presente líquido da decisão"),
        "computed:base.npv",
    ),
    (
        "c06",
        48_500.0,
        "money",
        ("R$48,500", "R$ 48.500"),
        ("Cost of what was adopted", "Custo do que foi adotado"),
        "computed:cost",
    ),
    ("f01", 4.8, "percent", ("4.8%", "4,8%"), ("Churn per month", "Churn por mês"), "fact:churn"),
    ("f02", 187_000.0, "money", ("R$187k", "R$ 187 mil"), ("Revenue per month", "Receita por mês"), "fact:revenue"),
    ("f03", 1_240.0, "count", ("1,240", "1.240"), ("Customers", "Clientes"), "fact:customers"),
];

/// Some of each origin.
pub(super) fn cells(locale: Locale) -> BTreeMap<String, Cell> {
    let cell = |(id, value, unit, text, label, origin): Row| {
        let [text, label] = [text, label].map(|(en, pt)| locale.pick(en, pt).to_owned());
        (id.to_owned(), Cell { value, unit: unit.to_owned(), text, label, origin: origin.to_owned() })
    };
    CELLS.into_iter().map(cell).collect()
}

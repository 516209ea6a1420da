//! Which numbers may prose use?

use super::clean;
use crate::provider::simulator::business::{case::Locale, text};
use serde_json::Value;

/// A number by its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// Of its mark.
    pub id: String,
    /// What it is.
    pub label: String,
    /// How it would be written.
    pub text: String,
}

/// Words of labels about where one stands.
const START: &[&str] = &[
    "receita",
    "revenue",
    "caixa",
    "cash",
    "fôlego",
    "runway",
    "margem",
    "margin",
    "churn",
    "client",
    "customer",
    "queima",
    "burn",
    "ticket",
    "equipe",
    "headcount",
    "dívida",
    "debt",
    "cac",
];
/// And about what comes out.
const RESULT: &[&str] = &[
    "cenário", "scenario", "retorno", "payback", "fim", "end", "custo", "cost", "invest", "npv", "vpl", "total",
    "result", "meta", "target", "efeito", "effect", "decis", "month", "mês",
];

/// All that can be used: those whose label is words.
pub fn cells(data: &Value) -> Vec<Cell> {
    let list = data["cells"].as_array().into_iter().flatten().take(200);
    list.filter_map(|item| {
        let text = |name: &str| item[name].as_str().unwrap_or_default().trim().to_owned();
        let id = text("id");
        let plain = !id.is_empty() && id.chars().all(|c| !c.is_whitespace() && !"{}".contains(c));
        plain.then(|| Cell { id, label: text("label"), text: text("text") })
    })
    .collect()
}

/// `receita de {{a}}, caixa de {{b}} e …`; none where no cell fits.
pub fn sentence(cells: &[Cell], result: bool, most: usize, locale: Locale) -> Option<String> {
    let kind = |cell: &&Cell| {
        // What is only said of one measure among many is no starting point and no result.
        if cell.label.contains(':') || !result && !cell.id.starts_with('f') {
            return false;
        }
        let label = cell.label.to_lowercase();
        let of = |words: &[&str]| words.iter().any(|word| label.contains(word));
        if of(RESULT) == of(START) { of(RESULT) == result } else { of(RESULT) && result || of(START) && !result }
    };
    let mut seen: Vec<String> = vec![];
    let mut parts: Vec<String> = vec![];
    for cell in cells.iter().filter(kind) {
        let Some(label) = clean::clean(&cell.label, &[], 60) else { continue };
        if seen.contains(&label) || parts.len() >= most {
            continue;
        }
        let label_text = text::small(&label);
        let joint = if label.contains([':', '(', '-']) { ": " } else { locale.choose(" of ", " de ") };
        parts.push(format!("{label_text}{joint}{{{{{}}}}}", cell.id));
        seen.push(label);
    }
    let and = locale.choose(" and ", " e ");
    match parts.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        [first @ .., last] => Some(format!("{}{and}{last}", first.join(", "))),
    }
}

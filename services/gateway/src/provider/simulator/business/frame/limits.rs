//! Which limits does a text set? What is taken as a limit is taken out of the amounts.

use super::{
    Limit,
    amounts::{Amount, Page},
    cues::CUES,
};
use crate::provider::simulator::business::text;

/// What must not be done, by the lever that is not touched.
const FORBIDDEN: &[(&str, &str)] = &[
    ("nao quero demitir", "headcount"),
    ("nao posso demitir", "headcount"),
    ("nao vou demitir", "headcount"),
    ("nao vamos demitir", "headcount"),
    ("ninguem sera demitido", "headcount"),
    ("do not want to lay off", "headcount"),
    ("don't want to lay off", "headcount"),
    ("can't lay off", "headcount"),
    ("won't lay off", "headcount"),
    ("will not lay off", "headcount"),
    ("do not want to fire", "headcount"),
    ("don't want to fire", "headcount"),
    ("nao quero aumentar precos", "pricing"),
    ("nao quero aumentar os precos", "pricing"),
    ("nao posso aumentar precos", "pricing"),
    ("nao posso aumentar os precos", "pricing"),
    ("can't raise prices", "pricing"),
    ("do not want to raise prices", "pricing"),
    ("don't want to raise prices", "pricing"),
    ("nao quero divida", "financing"),
    ("nao quero novas dividas", "financing"),
    ("nao quero tomar emprestimo", "financing"),
    ("do not want to borrow", "financing"),
    ("don't want to borrow", "financing"),
    ("can't borrow", "financing"),
    ("sem demitir", "headcount"),
    ("sem demissoes", "headcount"),
    ("sem demissao", "headcount"),
    ("nao podemos demitir", "headcount"),
    ("nao queremos demitir", "headcount"),
    ("sem cortar pessoal", "headcount"),
    ("sem contratar", "headcount"),
    ("without layoffs", "headcount"),
    ("no layoffs", "headcount"),
    ("without laying off", "headcount"),
    ("without firing", "headcount"),
    ("cannot lay off", "headcount"),
    ("without hiring", "headcount"),
    ("sem aumentar precos", "pricing"),
    ("sem aumentar os precos", "pricing"),
    ("sem aumentar o preco", "pricing"),
    ("sem mexer no preco", "pricing"),
    ("sem subir precos", "pricing"),
    ("nao podemos aumentar precos", "pricing"),
    ("without raising prices", "pricing"),
    ("without price increases", "pricing"),
    ("cannot raise prices", "pricing"),
    ("sem dar desconto", "discounts"),
    ("sem descontos", "discounts"),
    ("without discounts", "discounts"),
    ("no discounts", "discounts"),
    ("sem novas dividas", "financing"),
    ("sem nova divida", "financing"),
    ("sem emprestimo", "financing"),
    ("sem tomar emprestimo", "financing"),
    ("sem contrair divida", "financing"),
    ("without new debt", "financing"),
    ("without borrowing", "financing"),
    ("no new debt", "financing"),
    ("without loans", "financing"),
    ("sem aumentar o marketing", "marketing_spend"),
    ("without more marketing", "marketing_spend"),
    ("sem abrir novas lojas", "new_market"),
    ("without new markets", "new_market"),
];
const CAPS: &[&str] = &[
    "orcamento",
    "teto de",
    "gastar",
    "investir",
    "desembolsar",
    "limite de gasto",
    "verba",
    "budget",
    "spend",
    "invest",
    "limit of spending",
    "cap of",
];
const MOST: &[&str] =
    &["ate", "no maximo", "maximo de", "up to", "at most", "no more than", "limited to", "limitado", "teto"];
/// With one of [`DENIED`] before it, this is a limit as well: `não posso gastar mais de`.
const MORE: &[&str] = &["mais de", "mais que", "mais do que", "alem de", "more than", "over", "beyond"];
const DENIED: &[&str] =
    &["nao", "nunca", "sem", "not", "cannot", "can't", "never", "don't", "won't", "without", "unable"];
const FLOORS: &[&str] = &[
    "acima de",
    "pelo menos",
    "no minimo",
    "minimo de",
    "above",
    "at least",
    "not fall below",
    "no less than",
    "abaixo de",
    "below",
];
const CEILINGS: &[&str] = &["abaixo de", "no maximo", "below", "under", "at most", "nao pode passar de", "not exceed"];
const MUST: &[&str] = &[
    "manter",
    "nao pode",
    "precisa ficar",
    "deve ficar",
    "tem de ficar",
    "keep",
    "must",
    "cannot",
    "stay",
    "should not",
];
const UNTIL: &[&str] = &[
    "ate",
    "em ate",
    "dentro de",
    "no prazo de",
    "prazo de",
    "within",
    "no later than",
    "deadline of",
    "em",
    "in",
    "nos proximos",
    "over the next",
    "in the next",
    "para os proximos",
];
const GOAL: &[&str] = &[
    "gastar",
    "investir",
    "spend",
    "invest",
    "prazo",
    "precisa",
    "preciso",
    "queremos",
    "quero",
    "meta",
    "decidir",
    "need",
    "want",
    "must",
    "have to",
    "goal",
    "deadline",
    "within",
    "ate",
    "dentro de",
    "proximos",
    "the next",
    "como",
    "how",
    "resolver",
    "recuperar",
    "reduzir",
    "recover",
];
const PAST: &[&str] = &[
    "ultimos",
    "ultimo",
    "last",
    "past",
    "caiu",
    "cairam",
    "fell",
    "dropped",
    "subiu",
    "rose",
    "perdemos",
    "lost",
    "cresceu",
    "grew",
    "passado",
    "recebemos",
    "entrega",
    "estoque",
    "runway",
    "caixa",
];

/// All limits, in the order of the text.
pub fn take(page: &Page, amounts: &mut Vec<Amount>) -> Vec<Limit> {
    let mut found: Vec<(usize, Limit)> = forbidden(page);
    amounts.retain(|amount| {
        let limit = match amount.unit {
            "money" => cap(page, amount).or_else(|| bound(page, amount)),
            "percent" | "number" => bound(page, amount),
            "days" | "months" => deadline(page, amount),
            _ => None,
        };
        let keep = limit.is_none();
        found.extend(limit.map(|limit| (amount.from, limit)));
        keep
    });
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, limit)| limit).collect()
}

fn forbidden(page: &Page) -> Vec<(usize, Limit)> {
    let whole = page.between(0, page.plain.len());
    let mut all: Vec<(usize, Limit)> = vec![];
    for (words, lever) in FORBIDDEN {
        let Some(byte) = whole.find(words) else { continue };
        let from = whole[..byte].chars().count();
        if all.iter().any(|(_, limit)| limit.key.as_deref() == Some(*lever)) {
            continue;
        }
        let quote = page.quote(from, from + words.chars().count());
        all.push((from, Limit { kind: "forbidden", key: Some((*lever).to_owned()), value: None, quote }));
    }
    all
}

fn cap(page: &Page, amount: &Amount) -> Option<Limit> {
    let before = clause(page, amount, 48);
    let named = CAPS.iter().any(|word| text::has(&before, word));
    let near = tail(&before, 22);
    let denied = DENIED.iter().any(|word| text::has_word(&before, word));
    let limited = MOST.iter().any(|word| text::has_word(&near, word))
        || denied && MORE.iter().any(|word| text::has_word(&near, word));
    let budget =
        ["orcamento", "budget", "verba", "teto de", "cap of"].iter().any(|word| text::has(&tail(&before, 34), word));
    (budget || named && limited).then(|| Limit {
        kind: "budget_cap",
        key: None,
        value: Some(amount.value),
        quote: page.quote(amount.from, amount.to),
    })
}

/// `margem acima de 30%`, `keep at least $100k in cash`.
fn bound(page: &Page, amount: &Amount) -> Option<Limit> {
    let before = clause(page, amount, 60);
    let near = tail(&before, 24);
    if !MUST.iter().any(|word| text::has(&before, word)) {
        return None;
    }
    let denied = ["nao pode", "cannot", "not", "nao"].iter().any(|word| text::has_word(&before, word));
    let floor = FLOORS.iter().find(|word| text::has(&near, word));
    let ceiling = CEILINGS.iter().find(|word| text::has(&near, word));
    let kind = match (floor, ceiling) {
        // Not below is at least.
        (_, Some(word)) if denied && (word.contains("below") || word.contains("abaixo")) => "metric_min",
        (_, Some(_)) => "metric_max",
        (Some(_), None) => "metric_min",
        _ => return None,
    };
    let after = first(&page.between(amount.to, (amount.to + 24).min(page.plain.len())));
    let unit = if amount.unit == "number" { "number" } else { amount.unit };
    let speaks = |text: &str| {
        let rows = CUES.iter().filter(|row| row.unit == unit && row.key != "revenue_growth");
        rows.filter_map(|row| row.words.iter().filter_map(|word| text.rfind(word)).max().map(|at| (at, row.key))).max()
    };
    let key = speaks(&before).or_else(|| speaks(&after))?.1;
    Some(Limit {
        kind,
        key: Some(key.to_owned()),
        value: Some(amount.value),
        quote: page.quote(amount.from, amount.to),
    })
}

/// A span of time until which something has to be done: not one that is over, and none of a metric.
fn deadline(page: &Page, amount: &Amount) -> Option<Limit> {
    let before = clause(page, amount, 90);
    let near = tail(&before, 18);
    let until = UNTIL.iter().any(|word| near.trim_end().ends_with(word) && text::has_word(&near, word));
    let aimed = GOAL.iter().any(|word| text::has(&before, word));
    let over = PAST.iter().any(|word| text::has_word(&tail(&before, 46), word)) && !text::has_word(&near, "proximos");
    (until && aimed && !over).then(|| {
        let days = if amount.unit == "months" { amount.value * 30.0 } else { amount.value };
        Limit { kind: "deadline", key: None, value: Some(days), quote: page.quote(amount.from, amount.to) }
    })
}

/// The words before an amount, as far as they are of the same sentence.
fn clause(page: &Page, amount: &Amount, most: usize) -> String {
    let words = page.between(amount.from.saturating_sub(most), amount.from);
    words.rsplit(['.', ';', '!', '?']).next().unwrap_or_default().to_owned()
}

fn first(text: &str) -> String {
    text.split(['.', ';', '!', '?', ',']).next().unwrap_or_default().to_owned()
}

fn tail(text: &str, most: usize) -> String {
    let skip = text.chars().count().saturating_sub(most);
    text.chars().skip(skip).collect()
}

//! Every word that code puts in a report, in both languages.

use crate::domain::{
    conflict::Kind,
    locale::Locale,
    meeting::{Method, Move, Outcome},
    opinion::Direction,
};

/// Thousands and more: in English, in Portuguese one of them, and more than one.
pub(crate) const SCALES: [(&str, &str, &str); 4] =
    [("K", "mil", "mil"), ("M", "milhão", "milhões"), ("B", "bilhão", "bilhões"), ("T", "trilhão", "trilhões")];

/// A word after a number. None: the number stands alone.
pub(crate) fn unit(unit: &str, is_one: bool, locale: Locale) -> Option<&'static str> {
    let (en, pt) = match (unit, is_one) {
        ("months", true) => ("month", "mês"),
        ("months", false) => ("months", "meses"),
        ("days", true) => ("day", "dia"),
        ("days", false) => ("days", "dias"),
        ("weeks", true) => ("week", "semana"),
        ("weeks", false) => ("weeks", "semanas"),
        ("years", true) => ("year", "ano"),
        ("years", false) => ("years", "anos"),
        ("hours", true) => ("hour", "hora"),
        ("hours", false) => ("hours", "horas"),
        _ => return None,
    };
    Some(locale.pick(en, pt))
}

/// Over which time, or when; empty: now.
pub(crate) fn period(period: &str, locale: Locale) -> String {
    let known = match period {
        "day" => locale.pick("per day", "por dia"),
        "week" => locale.pick("per week", "por semana"),
        "month" => locale.pick("per month", "por mês"),
        "quarter" => locale.pick("per quarter", "por trimestre"),
        "year" => locale.pick("per year", "por ano"),
        "later" => locale.pick("later on", "mais adiante"),
        _ => "",
    };
    let days = period.strip_prefix('d').and_then(|days| days.parse::<u32>().ok());
    match (days, locale) {
        (Some(days), Locale::En) => format!("in {days} days"),
        (Some(days), Locale::PtBr) => format!("em {days} dias"),
        (None, _) => known.to_owned(),
    }
}

/// Of each lever: the article in Portuguese and in English, and whether it is an amount that is raised and not expanded.
const LEVERS: [(&str, &str, &str, bool); 28] = [
    ("retention_program", "o", "the", false),
    ("pricing", "os", "", true),
    ("discounts", "os", "", true),
    ("marketing_spend", "o", "", true),
    ("sales_team", "a", "the", false),
    ("channel_mix", "os", "", false),
    ("product_investment", "o", "", true),
    ("quality_program", "o", "the", false),
    ("customer_support", "o", "", false),
    ("cost_reduction", "a", "", false),
    ("headcount", "o", "", true),
    ("capacity", "a", "", true),
    ("automation", "a", "", false),
    ("inventory", "os", "", true),
    ("supplier_terms", "as", "", false),
    ("receivables", "a", "", false),
    ("financing", "a", "", false),
    ("debt_restructuring", "a", "the", false),
    ("new_market", "o", "the", false),
    ("new_product", "o", "the", false),
    ("product_line", "a", "the", false),
    ("partnerships", "as", "", false),
    ("contracts", "os", "", false),
    ("compliance", "a", "", false),
    ("measurement", "a", "", false),
    ("pilot", "o", "the", false),
    ("training", "o", "", false),
    ("people_retention", "a", "", false),
];

/// The article of a lever, and whether it is an amount.
pub(crate) fn lever(key: &str, locale: Locale) -> (&'static str, bool) {
    let found = LEVERS.iter().find(|(name, ..)| *name == key);
    found.map_or(("", false), |(_, pt, en, is_amount)| (locale.pick(en, pt), *is_amount))
}

/// What is done with a lever.
pub(crate) fn verb(direction: Direction, is_amount: bool, locale: Locale) -> &'static str {
    match (direction, is_amount) {
        (Direction::Increase, true) => locale.pick("raise", "aumentar"),
        (Direction::Increase, false) => locale.pick("expand", "ampliar"),
        (Direction::Decrease, _) => locale.pick("reduce", "reduzir"),
        (Direction::Start, true) => locale.pick("introduce", "introduzir"),
        (Direction::Start, false) => locale.pick("start", "iniciar"),
        (Direction::Stop, true) => locale.pick("end", "eliminar"),
        (Direction::Stop, false) => locale.pick("end", "encerrar"),
        (Direction::Keep, _) => locale.pick("keep", "manter"),
    }
}

/// Moves that have a word of their own.
pub(crate) fn move_of(lever: &str, direction: Direction, locale: Locale) -> Option<&'static str> {
    use Direction::{Decrease, Increase, Keep, Start};
    Some(match (lever, direction) {
        ("new_market", Start) => locale.pick("enter a new market", "entrar em um novo mercado"),
        ("new_product", Start) => locale.pick("launch a new product", "lançar um novo produto"),
        ("pilot", Start) => locale.pick("run a pilot project", "iniciar um projeto-piloto"),
        ("pricing", Keep) => locale.pick("keep prices as they are", "manter os preços"),
        ("financing", Start | Increase) => locale.pick("raise financing", "captar recursos"),
        ("debt_restructuring", Start | Increase) => locale.pick("restructure the debt", "renegociar as dívidas"),
        ("cost_reduction", Start | Increase) => locale.pick("cut costs", "reduzir custos"),
        ("receivables", Start | Increase) => {
            locale.pick("step up the collection of receivables", "reforçar a cobrança de recebíveis")
        }
        ("supplier_terms", Start | Increase) => {
            locale.pick("renegotiate terms with suppliers", "renegociar as condições com fornecedores")
        }
        ("measurement", Start) => locale.pick("measure and follow up results", "medir e acompanhar os resultados"),
        ("contracts", Start) => locale.pick("review contracts", "rever os contratos"),
        ("partnerships", Start) => locale.pick("form partnerships", "firmar parcerias"),
        ("headcount", Start) => locale.pick("hire", "contratar"),
        ("headcount", Decrease) => locale.pick("reduce headcount", "reduzir o quadro de pessoal"),
        ("product_line", Increase) => locale.pick("broaden the product line", "ampliar a linha de produtos"),
        _ => return None,
    })
}

/// What became of a choice, after its name.
pub(crate) fn outcome(outcome: Outcome, locale: Locale) -> &'static str {
    match outcome {
        Outcome::Adopted => locale.pick("adopted", "medida adotada"),
        Outcome::Rejected => locale.pick("not adopted", "medida não adotada"),
        Outcome::Deferred => locale.pick("put off", "medida adiada"),
        Outcome::Agreed => locale.pick("agreed", "valor acordado"),
    }
}

/// How it was decided, as a sentence; empty: by the votes that are told anyway.
pub(crate) fn method(method: Method, locale: Locale) -> &'static str {
    match method {
        Method::Consensus | Method::Approval => "",
        Method::Ranked => locale.pick(
            "It competed with an alternative, and the one with more support won.",
            "Ela concorria com uma alternativa, e venceu a que teve mais apoio.",
        ),
        Method::ChairRule => locale.pick(
            "The votes did not settle it, and the rules of the board did.",
            "Os votos não bastaram, e valeram as regras da mesa.",
        ),
    }
}

/// What an agent did with its view, after its name.
pub(crate) fn action(action: Move, locale: Locale) -> &'static str {
    match action {
        Move::Maintain => locale.pick("kept its position", "manteve a posição"),
        Move::Revise => locale.pick("revised its position", "reviu a posição"),
        Move::Concede => locale.pick("gave in", "cedeu"),
    }
}

/// What a conflict is about, before its subject.
pub(crate) fn conflict(kind: Kind, locale: Locale) -> &'static str {
    match kind {
        Kind::MetricMismatch => locale.pick("different values for", "valores diferentes para"),
        Kind::DirectionOpposition => locale.pick("opposite directions for", "direções opostas para"),
        Kind::ResourceContention => locale.pick("more spending than there is room for", "gastos acima do limite"),
        Kind::TimelineClash => locale.pick("dates that do not fit together for", "prazos que não se encaixam para"),
        Kind::ConstraintViolation => {
            locale.pick("a limit of the client at risk in", "um limite do cliente em risco em")
        }
        Kind::AssumptionConflict => locale.pick("different assumptions about", "premissas diferentes sobre"),
        Kind::PriorityConflict => locale.pick("different priorities for", "prioridades diferentes para"),
        Kind::ReversibilityVeto => locale.pick("no way back from", "falta de volta atrás em"),
        Kind::EvidenceGap => locale.pick("missing evidence on", "falta de evidências sobre"),
        Kind::ArithmeticError => locale.pick("numbers that do not add up in", "números que não fecham em"),
        Kind::Contradiction => {
            locale.pick("explanations that exclude each other on", "explicações que se excluem sobre")
        }
        Kind::Incomparable => locale.pick("numbers that cannot be compared on", "números que não se comparam sobre"),
    }
}

/// Whether a subject follows the words of [`conflict`].
pub(crate) fn has_subject(kind: Kind) -> bool {
    kind != Kind::ResourceContention
}

/// A sentence was taken out because of numbers that nobody told.
pub(crate) fn orphan_number(sentence: &str, numbers: &[String], locale: Locale) -> String {
    let numbers = numbers.join(", ");
    match locale {
        Locale::En => format!("Removed, since no fact or calculation supports {numbers}: “{sentence}”"),
        Locale::PtBr => format!("Trecho removido, pois nenhum dado ou cálculo sustenta {numbers}: “{sentence}”"),
    }
}

/// A sentence was taken out because it asks for a number that there is none of.
pub(crate) fn unknown_cell(id: &str, locale: Locale) -> String {
    match locale {
        Locale::En => format!("A sentence was removed: it refers to a number that does not exist ({id})."),
        Locale::PtBr => format!("Uma frase foi removida: ela cita um número que não existe ({id})."),
    }
}

/// A text was in another language, and code wrote it anew.
pub(crate) fn foreign(locale: Locale) -> &'static str {
    locale.pick(
        "A text came in another language and was replaced by a plain version.",
        "Um texto veio em outro idioma e foi substituído por uma versão simples.",
    )
}

/// Nobody has said a number that would change the decision, and nobody could assume it.
pub(crate) fn unknown(locale: Locale, question: &str) -> String {
    let head = locale.pick("Nobody knows, and it would matter", "Ninguém sabe, e faria diferença");
    format!("{head}: {question}")
}

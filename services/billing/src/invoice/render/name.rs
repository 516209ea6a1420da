//! What is a line called?

use super::{Language, words::Words};
use crate::invoice::document::{Kind, Line};

/// Its name, without its period.
pub(crate) fn description(line: &Line, language: Language) -> String {
    let words = Words::of(language);
    let title = language.choose(&line.titles);
    let of_plan = |what: &str| match title {
        Some(title) => format!("{what} {} {title}", words.on),
        None => what.to_owned(),
    };
    match line.kind {
        Kind::Period => title.unwrap_or(words.plan).to_owned(),
        Kind::UnusedTime => of_plan(words.unused_time),
        Kind::RemainingTime => of_plan(words.remaining_time),
        Kind::Usage => words.usage.to_owned(),
        Kind::LateUsage => words.late_usage.to_owned(),
        Kind::Credits => words.credits.to_owned(),
        Kind::Discount if line.amount > 0 => words.unused_discount.to_owned(),
        Kind::Discount => words.discount.to_owned(),
        Kind::Manual => written(line).unwrap_or(words.manual).to_owned(),
    }
}

/// What an operator wrote beside it, where that is not its name already.
pub(super) fn note(line: &Line) -> Option<&str> {
    written(line).filter(|_| line.kind != Kind::Manual)
}

fn written(line: &Line) -> Option<&str> {
    line.note.as_deref().map(str::trim).filter(|note| !note.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(kind: Kind, title: Option<&str>, written: Option<&str>) -> Line {
        Line {
            kind,
            titles: title.into_iter().map(|title| ("en".to_owned(), title.to_owned())).collect(),
            period_start: None,
            period_end: None,
            quantity: 1,
            unit_amount: None,
            amount: 1,
            note: written.map(str::to_owned),
        }
    }

    #[test]
    fn a_discount_says_whether_it_is_given_or_taken_back() {
        let given = Line { amount: -5, ..line(Kind::Discount, Some("Pro"), Some("LAUNCH")) };
        let back = Line { amount: 5, ..given.clone() };
        let named = |line: &Line| (description(line, Language::En), description(line, Language::PtBr));
        assert_eq!(named(&given), ("Discount".into(), "Desconto".into()));
        assert_eq!(named(&back), ("Discount on unused time".into(), "Desconto sobre tempo não utilizado".into()));
        assert_eq!(note(&given), Some("LAUNCH"));
    }

    #[test]
    fn every_kind_has_a_name_in_both_languages() {
        let cases = [
            (Kind::Period, "Pro", "Pro"),
            (Kind::UnusedTime, "Unused time on Pro", "Tempo não utilizado de Pro"),
            (Kind::RemainingTime, "Remaining time on Pro", "Tempo restante de Pro"),
            (Kind::Usage, "Model usage", "Uso de modelos"),
            (Kind::LateUsage, "Model usage of earlier periods", "Uso de modelos de períodos anteriores"),
            (Kind::Credits, "Prepaid credits", "Créditos pré-pagos"),
        ];
        for (kind, en, pt) in cases {
            let line = line(kind, Some("Pro"), Some("asked for"));
            assert_eq!((description(&line, Language::En), description(&line, Language::PtBr)), (en.into(), pt.into()));
            assert_eq!(note(&line), Some("asked for"));
        }
    }

    #[test]
    fn what_an_operator_wrote_is_called_as_he_wrote_it() {
        let manual = line(Kind::Manual, None, Some(" Set-up \n"));
        assert_eq!((description(&manual, Language::PtBr).as_str(), note(&manual)), ("Set-up", None));
        assert_eq!(description(&line(Kind::Manual, None, None), Language::PtBr), "Ajuste");
        assert_eq!(description(&line(Kind::UnusedTime, None, None), Language::En), "Unused time");
        assert_eq!(description(&line(Kind::Period, None, None), Language::PtBr), "Plano");
    }
}

//! Does a condition of the tables hold? Such as `runway<6&!~revenue|cap>0`: `|` binds less than `&`; `a` means that a
//! figure is known, `!a` that it is not, `~a` that it was assumed.

use super::figures::Figures;

/// Whether it holds for these figures. The empty one does.
pub fn holds(condition: &str, figures: &Figures) -> bool {
    condition.is_empty() || condition.split('|').any(|all| all.split('&').all(|one| atom(one, figures)))
}

fn atom(one: &str, figures: &Figures) -> bool {
    if let Some(rest) = one.strip_prefix('!') {
        return !atom(rest, figures);
    }
    if let Some(name) = one.strip_prefix('~') {
        return figures.get(name).is_some_and(|figure| !figure.assumed.is_empty());
    }
    let compare = |name: &str, limit: &str, less: bool| {
        let (Some(value), Ok(limit)) = (figures.value(name), limit.parse::<f64>()) else { return false };
        if less { value < limit } else { value > limit }
    };
    match (one.split_once('<'), one.split_once('>')) {
        (Some((name, limit)), _) => compare(name, limit, true),
        (_, Some((name, limit))) => compare(name, limit, false),
        _ => figures.value(one).is_some(),
    }
}

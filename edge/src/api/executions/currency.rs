//! Of which money does a problem speak?

/// Signs, the longer ones first: `US$` and `R$` end in a dollar's.
const SIGNS: &[(&str, &str)] = &[
    ("US$", "USD"),
    ("R$", "BRL"),
    ("€", "EUR"),
    ("£", "GBP"),
    ("BRL", "BRL"),
    ("USD", "USD"),
    ("EUR", "EUR"),
    ("GBP", "GBP"),
    ("$", "USD"),
];

/// That of the first amount; None where no sign stands before or after a number.
pub(super) fn of(problem: &str) -> Option<&'static str> {
    let words: Vec<&str> = problem.split_whitespace().collect();
    words.iter().enumerate().find_map(|(at, word)| {
        let (sign, currency) = SIGNS.iter().find(|(sign, _)| word.contains(sign))?;
        let (before, after) = word.split_once(sign)?;
        let begins = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
        let next = words.get(at + 1).copied().unwrap_or_default();
        let last = at.checked_sub(1).and_then(|at| words.get(at)).copied().unwrap_or_default();
        let is_amount = begins(after) || begins(before) || after.is_empty() && begins(next) || begins(last);
        is_amount.then_some(*currency)
    })
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn the_sign_of_the_first_amount_counts() {
        assert_eq!(of("Temos R$ 400 mil em caixa e um custo de US$ 5"), Some("BRL"));
        assert_eq!(of("We have $2.5M in cash"), Some("USD"));
        assert_eq!(of("um custo de US$300"), Some("USD"));
        assert_eq!(of("rund 20 € je Kunde"), Some("EUR"));
        assert_eq!(of("Sales fell by 20% in the EUR zone"), None);
        assert_eq!(of("As vendas caíram 20%"), None);
    }
}

//! Credentials of providers, sealed at rest with a key of their workspace.

pub(crate) mod data_key;
pub(crate) mod seal;

/// From this length on, four characters tell keys apart and give nothing away.
const SHORTEST_HINTED: usize = 8;
const HINT: usize = 4;

/// The last four characters, to recognise a credential by; empty for a short one. Credentials are ASCII.
pub(crate) fn hint(key: &str) -> String {
    match key.len().checked_sub(HINT) {
        Some(start) if key.len() >= SHORTEST_HINTED => key.get(start..).unwrap_or_default().to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::hint;

    #[test]
    fn a_hint_is_the_end_of_a_long_key_and_nothing_of_a_short_one() {
        assert_eq!([hint("sk-12345678"), hint("12345678"), hint("1234567"), hint("")], ["5678", "5678", "", ""]);
    }
}

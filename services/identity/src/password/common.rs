//! Is this one of the passwords that everybody tries first?

use std::sync::LazyLock;

/// Lower case, sorted by bytes; see `data/README.md`.
static COMMON: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| include_str!("../../data/common_passwords.txt").lines().collect());

/// Whether `password` is a common one, in any mixture of cases.
pub(crate) fn is_common(password: &str) -> bool {
    COMMON.binary_search(&password.to_lowercase().as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_covers_the_3000_that_asvs_asks_for() {
        assert!(COMMON.is_sorted());
        assert!(COMMON.len() > 3000);
        assert!(COMMON.iter().all(|p| p.chars().count() >= 8 && *p == p.to_lowercase()));
    }

    #[test]
    fn common_ones_are_found_in_any_case() {
        assert!(is_common("password") && is_common("PassWord1") && is_common("qwertyuiop") && is_common("senha123"));
        assert!(!is_common("correct horse battery staple"));
    }
}

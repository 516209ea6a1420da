//! Why did a letter not leave, as it may be kept and logged?

/// More of what a server said helps nobody.
const MOST: usize = 300;

/// Servers repeat the address that they refuse. Whose it is stays out of tables and logs; its domain may be what is wrong.
pub(super) fn told(error: &str) -> String {
    let mut out = String::new();
    for c in error.chars().filter(|c| !c.is_control()).take(MOST) {
        if c == '@' {
            let kept = out.trim_end_matches(is_of_address).len();
            out.truncate(kept);
            out.push('…');
        }
        out.push(c);
    }
    out
}

fn is_of_address(c: char) -> bool {
    !c.is_whitespace() && !"<>()[],;:\"'".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_out() {
        let cases = [
            ("550 5.1.1 <ana.maria+x@example.com>: rejected", "550 5.1.1 <…@example.com>: rejected"),
            ("to:joão@example.com.br", "to:…@example.com.br"),
            ("ana@example.com, bob@example.com\r\n", "…@example.com, …@example.com"),
            ("the server is away", "the server is away"),
        ];
        for (error, expected) in cases {
            assert_eq!(told(error), expected);
        }
        assert_eq!(told(&"x".repeat(1_000)).len(), MOST);
    }
}

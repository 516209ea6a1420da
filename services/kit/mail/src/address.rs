//! What is an e-mail address? Enough of a shape to reject a typing error; whether it exists only a message can tell.
//!
//! Whoever keeps addresses keeps them in this form: an account and an invitation to it have to be the same text.

use unicode_normalization::UnicodeNormalization as _;

/// RFC 5321: 64 octets before the `@`, 254 in all.
const MAX_LOCAL: usize = 64;
const MAX: usize = 254;

/// The address as it is kept and compared: trimmed, in lower case, and each character in the one form that Unicode has
/// for it, so that what looks the same is the same.
pub fn normal(text: &str) -> String {
    let lower = text.trim().nfkc().collect::<String>().to_lowercase();
    // Lower case can take a character apart again.
    lower.nfkc().collect()
}

/// Characters that nobody sees: with them, an address could look like somebody else's.
const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Whether a [`normal`] text is an address; if not, what is wrong with it.
pub fn check(address: &str) -> Result<(), &'static str> {
    if address.len() > MAX {
        return Err("must have at most 254 characters");
    }
    let shape = "must be an e-mail address such as ana@example.com";
    let (local, domain) = address.rsplit_once('@').ok_or(shape)?;
    let odd = |c: char| c.is_whitespace() || c.is_control() || is_invisible(c) || "@()<>[]\\,;:\"".contains(c);
    let dots = |part: &str| part.starts_with('.') || part.ends_with('.') || part.contains("..");
    if local.is_empty() || local.len() > MAX_LOCAL || local.contains(odd) || dots(local) {
        return Err(shape);
    }
    let label = |l: &str| {
        let fits = !l.is_empty() && l.len() <= 63 && !l.starts_with('-') && !l.ends_with('-');
        fits && l.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    if !domain.contains('.') || !domain.split('.').all(label) {
        return Err(shape);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_has_one_address_however_they_type_it() {
        assert_eq!(normal("  Ana.Maria@Example.COM\n"), "ana.maria@example.com");
        assert_eq!(
            normal("Jose\u{301}@example.com"),
            normal("jos\u{e9}@example.com"),
            "one keyboard composes, one does not"
        );
        assert_eq!(normal("ana@ＥＸＡＭＰＬＥ.com"), "ana@example.com");
        assert_eq!(normal(&normal("\u{130}@example.com")), normal("\u{130}@example.com"));
    }

    #[test]
    fn addresses_of_people_are_accepted() {
        for good in ["a@b.co", "ana+perpetuo@mail.example.com", "o'brien@example.org", "joão@exemplo.com.br", "1@2.3.4"]
        {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.com", "x".repeat(65));
        let longer = format!("a@{}.com", "x.".repeat(130));
        for bad in [
            "ana",
            "@example.com",
            "ana@",
            "a b@c.de",
            "a@b",
            "a@b..c",
            "a@-b.c",
            ".a@b.c",
            "a@b@c.d",
            "a\0@b.c",
            "a\u{200b}@b.c",
            "\u{202e}a@b.c",
            &long,
            &longer,
        ] {
            assert!(check(bad).is_err(), "{bad:?}");
        }
    }
}

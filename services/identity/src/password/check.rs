//! Which passwords are accepted: long enough, not common, not about their owner, not easy to guess. No rules of
//! composition: they make passwords worse (NIST SP 800-63B).

use super::{
    common::is_common,
    weakness::{Weakness, Why},
};
use crate::Error;

const MIN_CHARS: usize = 8;
/// More than any passphrase, and little enough to hash.
pub(crate) const MAX_BYTES: usize = 1024;
/// Beyond so many characters a password is not easy to guess, unless it repeats itself; and guessing how it could be takes
/// time that grows faster than it does.
const JUDGED: usize = 64;

/// Whose password it is.
pub(crate) struct Owner<'a> {
    pub(crate) email: &'a str,
    pub(crate) name: &'a str,
    /// In which to say what is wrong.
    pub(crate) locale: &'a str,
}

/// Refuses a password that is worth less than `min_score` of zxcvbn. Errors: [`Error::WeakPassword`].
pub(crate) fn check(password: &str, owner: &Owner<'_>, min_score: u8) -> Result<(), Error> {
    let why = if password.chars().count() < MIN_CHARS {
        Why::Short
    } else if password.len() > MAX_BYTES {
        Why::Long
    } else if password.to_lowercase() == owner.email {
        Why::Address
    } else if is_common(password) {
        Why::Common
    } else if let Some(why) = guessable(password, owner, min_score) {
        why
    } else {
        return Ok(());
    };
    Err(Error::WeakPassword(Weakness::new(why, owner.locale)))
}

fn guessable(password: &str, owner: &Owner<'_>, min_score: u8) -> Option<Why> {
    let about: Vec<&str> = owner.email.split(['@', '.', '+', '-', '_']).chain(owner.name.split_whitespace()).collect();
    let about: Vec<&str> = about.into_iter().chain([owner.email]).filter(|word| word.chars().count() > 2).collect();
    let beginning: String = password.chars().take(JUDGED).collect();
    let judged = zxcvbn::zxcvbn(&beginning, &about);
    let score = u8::from(judged.score());
    (score < min_score).then(|| Why::Guessable { score, feedback: judged.feedback().cloned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(email: &'static str) -> Owner<'static> {
        Owner { email, name: "Ana Maria Wollstonecraft", locale: "en" }
    }

    fn refusal(password: &str) -> String {
        check(password, &of("ana.maria@example.com"), 3).expect_err(password).to_string()
    }

    #[test]
    fn passwords_that_are_easy_to_guess_are_refused() {
        for weak in ["", "seven77", "PASSWORD123", "Ana.Maria@example.com", &"x".repeat(1025)] {
            refusal(weak);
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (weak, why) in [
            ("aaaaaaaaaaaaaaaa", "repeats like aaa"),
            ("asdfghjklzxcv", "common"),
            ("wollstonecraft1", "guess"),
            ("anamaria2026", "guess"),
        ] {
            let text = refusal(weak);
            assert!(text.contains(why), "{weak}: {text}");
        }
    }

    #[test]
    fn it_is_said_in_portuguese_to_who_reads_that() {
        let owner = Owner { locale: "pt-BR", ..of("ana@example.com") };
        for (weak, why) in [("curta", "curta demais"), ("senha123", "mais comuns"), ("aaaaaaaaaaaaaaaa", "repetições")]
        {
            let text = check(weak, &owner, 3).expect_err(weak).to_string();
            assert!(text.contains(why), "{weak}: {text}");
        }
    }

    #[test]
    fn how_much_is_asked_for_is_a_setting() {
        let weak = "aaaaaaaaaaaaaaaa";
        assert!(check(weak, &of("a@example.com"), 0).is_ok());
        assert!(check("violet-anvil-harbor-42", &of("a@example.com"), 4).is_ok());
    }

    #[test]
    fn length_is_counted_in_characters_and_any_script_will_do() {
        for good in ["correct horse", "пароль-мой", "ção não é", &"violet anvil ".repeat(50)] {
            assert!(check(good, &of("a@example.com"), 3).is_ok(), "{good:?}");
        }
    }

    #[test]
    fn no_password_takes_long_to_judge() {
        for odd in ["a1".repeat(512), "@4a$5s".repeat(100), "qwertyuiop".repeat(100), "1/1/1".repeat(200)] {
            let start = std::time::Instant::now();
            drop(check(&odd, &of("ana@example.com"), 3));
            eprintln!("{odd:.20}: {:?}", start.elapsed());
            assert!(start.elapsed() < std::time::Duration::from_millis(500), "{odd:.20}: {:?}", start.elapsed());
        }
    }
}

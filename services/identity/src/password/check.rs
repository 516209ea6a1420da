//! Which passwords are accepted: long enough, not common, not about their owner, not easy to guess. No rules of
//! composition: they make passwords worse (NIST SP 800-63B).

use super::{
    common::is_common,
    hash::Hasher,
    weakness::{Weakness, Why},
};
use crate::Error;
use zeroize::Zeroizing;

const MIN_CHARS: usize = 8;
/// More than any passphrase, and little enough to hash.
pub(crate) const MAX_BYTES: usize = 1024;
/// Beyond so many characters a password is not easy to guess, unless it repeats itself; and guessing how it could be takes
/// time that grows faster than it does.
const JUDGED: usize = 64;

/// Words of this product that somebody who attacks it tries early (ASVS 6.1.2); the name of the installation
/// (`identity.totp_issuer`) is another one. `SIGN_IN.md` lists them.
pub(crate) const OF_THE_PRODUCT: [&str; 12] = [
    "perpetuo",
    "gateway",
    "workspace",
    "tenant",
    "owner",
    "admin",
    "administrator",
    "operator",
    "developer",
    "member",
    "viewer",
    "billing",
];

/// Whose password it is.
pub(crate) struct Owner<'a> {
    pub(crate) email: &'a str,
    pub(crate) name: &'a str,
    /// In which to say what is wrong.
    pub(crate) locale: &'a str,
    /// What the installation is called.
    pub(crate) installation: &'a str,
}

/// Refuses a password that is worth less than `min_score` of zxcvbn. Judging one takes milliseconds, so it waits for its turn
/// as a hash does. Errors: [`Error::WeakPassword`], [`Error::Overloaded`].
pub(crate) async fn check(hasher: &Hasher, password: &str, owner: &Owner<'_>, min_score: u8) -> Result<(), Error> {
    let mut why = plainly(password, owner.email);
    if why.is_none() {
        let beginning: Zeroizing<String> = Zeroizing::new(password.chars().take(JUDGED).collect());
        let (email, names) = (owner.email.to_owned(), format!("{} {}", owner.name, owner.installation));
        why = hasher.run(move || guessable(&beginning, &email, &names, min_score)).await?;
    }
    why.map_or(Ok(()), |why| Err(Error::WeakPassword(Weakness::new(why, owner.locale))))
}

/// What everybody sees.
fn plainly(password: &str, email: &str) -> Option<Why> {
    if password.chars().count() < MIN_CHARS {
        Some(Why::Short)
    } else if password.len() > MAX_BYTES {
        Some(Why::Long)
    } else if password.to_lowercase() == email {
        Some(Why::Address)
    } else if is_common(password) {
        Some(Why::Common)
    } else {
        None
    }
}

fn guessable(password: &str, email: &str, names: &str, min_score: u8) -> Option<Why> {
    let about = email.split(['@', '.', '+', '-', '_']).chain(names.split_whitespace()).chain([email]);
    let about = about.chain(OF_THE_PRODUCT);
    let about: Vec<&str> = about.filter(|word| word.chars().count() > 2).collect();
    let judged = zxcvbn::zxcvbn(password, &about);
    let score = u8::from(judged.score());
    (score < min_score).then(|| Why::Guessable { score, feedback: judged.feedback().cloned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    fn of(email: &'static str) -> Owner<'static> {
        Owner { email, name: "Ana Maria Wollstonecraft", locale: "en", installation: "Acme Models" }
    }

    async fn judge(password: &str, owner: &Owner<'_>, min_score: u8) -> Result<(), String> {
        let hasher = Hasher::new(&config::Password::default()).expect("a hasher");
        check(&hasher, password, owner, min_score).await.map_err(|error| error.to_string())
    }

    async fn refusal(password: &str) -> String {
        judge(password, &of("ana.maria@example.com"), 3).await.expect_err(password)
    }

    #[tokio::test]
    async fn passwords_that_are_easy_to_guess_are_refused() {
        for weak in ["", "seven77", "PASSWORD123", "Ana.Maria@example.com", &"x".repeat(1025)] {
            refusal(weak).await;
        }
    }

    #[tokio::test]
    async fn what_is_wrong_is_said() {
        for (weak, why) in [
            ("aaaaaaaaaaaaaaaa", "repeats like aaa"),
            ("asdfghjklzxcv", "common"),
            ("wollstonecraft1", "guess"),
            ("anamaria2026", "guess"),
        ] {
            let text = refusal(weak).await;
            assert!(text.contains(why), "{weak}: {text}");
        }
    }

    #[tokio::test]
    async fn words_of_the_product_and_of_the_installation_make_no_password() {
        for word in OF_THE_PRODUCT.into_iter().chain(["Acme", "models"]) {
            for weak in [format!("{word}2026!"), format!("{word}{word}"), format!("{}-123", word.to_uppercase())] {
                let text = refusal(&weak).await;
                assert!(["guess", "common", "short"].iter().any(|why| text.contains(why)), "{weak}: {text}");
            }
        }
        judge("perpetuo motu violet anvil", &of("ana@example.com"), 3).await.expect("a word of it among others");
    }

    #[tokio::test]
    async fn it_is_said_in_portuguese_to_who_reads_that() {
        let owner = Owner { locale: "pt-BR", ..of("ana@example.com") };
        for (weak, why) in [("curta", "curta demais"), ("senha123", "mais comuns"), ("aaaaaaaaaaaaaaaa", "repetições")]
        {
            let text = judge(weak, &owner, 3).await.expect_err(weak);
            assert!(text.contains(why), "{weak}: {text}");
        }
    }

    #[tokio::test]
    async fn how_much_is_asked_for_is_a_setting() {
        judge("aaaaaaaaaaaaaaaa", &of("a@example.com"), 0).await.expect("0 takes all");
        judge("violet-anvil-harbor-42", &of("a@example.com"), 4).await.expect("worth 4");
    }

    #[tokio::test]
    async fn length_is_counted_in_characters_and_any_script_will_do() {
        for good in ["correct horse", "пароль-мой", "ção não é", &"violet anvil ".repeat(50)] {
            judge(good, &of("a@example.com"), 3).await.expect(good);
        }
    }

    #[tokio::test]
    async fn no_password_takes_long_to_judge() {
        for odd in ["a1".repeat(512), "@4a$5s".repeat(100), "qwertyuiop".repeat(100), "1/1/1".repeat(200)] {
            let start = std::time::Instant::now();
            drop(judge(&odd, &of("ana@example.com"), 3).await);
            // The tables of words are read with the first one.
            assert!(start.elapsed() < std::time::Duration::from_secs(1), "{odd:.20}: {:?}", start.elapsed());
        }
    }
}

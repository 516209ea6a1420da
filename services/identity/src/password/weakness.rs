//! What is wrong with a password, and how could it be better? In both languages.

use std::fmt;
use zxcvbn::feedback::{Feedback, Suggestion, Warning};

/// Why a password is refused.
#[derive(Debug)]
pub struct Weakness {
    why: Why,
    portuguese: bool,
}

#[derive(Debug)]
pub(super) enum Why {
    Short,
    Long,
    Address,
    Common,
    /// It is guessed easily: what zxcvbn makes of it.
    Guessable {
        score: u8,
        feedback: Option<Feedback>,
    },
}

impl Weakness {
    /// Told in the language of `locale`.
    pub(super) fn new(why: Why, locale: &str) -> Self {
        Self { why, portuguese: locale.starts_with("pt") }
    }

    /// 0 to 4, where guessing was what was judged.
    pub(crate) const fn score(&self) -> Option<u8> {
        match self.why {
            Why::Guessable { score, .. } => Some(score),
            _ => None,
        }
    }

    const fn plain(&self) -> Option<(&'static str, &'static str)> {
        Some(match self.why {
            Why::Short => (
                "the password is too short: use at least 8 characters",
                "a senha é curta demais: use pelo menos 8 caracteres",
            ),
            Why::Long => {
                ("the password is too long: use at most 1024 bytes", "a senha é longa demais: use no máximo 1024 bytes")
            }
            Why::Address => (
                "the password is the e-mail address: use something that nobody else knows",
                "a senha é o endereço de e-mail: use algo que ninguém mais saiba",
            ),
            Why::Common => (
                "the password is among the most common ones: a few random words are easier to remember and harder to guess",
                "a senha está entre as mais comuns: algumas palavras ao acaso são mais fáceis de lembrar e mais difíceis de adivinhar",
            ),
            Why::Guessable { .. } => return None,
        })
    }
}

impl fmt::Display for Weakness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pick =
            |(english, portuguese): (&'static str, &'static str)| if self.portuguese { portuguese } else { english };
        if let Some(text) = self.plain() {
            return f.write_str(pick(text));
        }
        f.write_str(pick(("the password is too easy to guess", "a senha é fácil demais de adivinhar")))?;
        let Why::Guessable { feedback: Some(feedback), .. } = &self.why else { return Ok(()) };
        let said = feedback.warning().map(warning).into_iter().chain(feedback.suggestions().iter().map(suggestion));
        for text in said {
            write!(f, "; {}", pick(text))?;
        }
        Ok(())
    }
}

const fn warning(of: Warning) -> (&'static str, &'static str) {
    match of {
        Warning::StraightRowsOfKeysAreEasyToGuess => {
            ("straight rows of keys are easy to guess", "fileiras de teclas são fáceis de adivinhar")
        }
        Warning::ShortKeyboardPatternsAreEasyToGuess => {
            ("short keyboard patterns are easy to guess", "padrões curtos do teclado são fáceis de adivinhar")
        }
        Warning::RepeatsLikeAaaAreEasyToGuess => {
            ("repeats like aaa are easy to guess", "repetições como aaa são fáceis de adivinhar")
        }
        Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => (
            "repeats like abcabcabc are hardly harder to guess than abc",
            "repetições como abcabcabc são pouco mais difíceis de adivinhar do que abc",
        ),
        Warning::ThisIsATop10Password => ("it is one of the ten most common", "é uma das dez mais comuns"),
        Warning::ThisIsATop100Password => ("it is one of the hundred most common", "é uma das cem mais comuns"),
        Warning::ThisIsACommonPassword => ("it is a common one", "é uma das comuns"),
        Warning::ThisIsSimilarToACommonlyUsedPassword => {
            ("it is similar to a common one", "é parecida com uma das comuns")
        }
        Warning::SequencesLikeAbcAreEasyToGuess => {
            ("sequences like abc or 6543 are easy to guess", "sequências como abc ou 6543 são fáceis de adivinhar")
        }
        Warning::RecentYearsAreEasyToGuess => {
            ("recent years are easy to guess", "anos recentes são fáceis de adivinhar")
        }
        Warning::AWordByItselfIsEasyToGuess => {
            ("a word by itself is easy to guess", "uma palavra sozinha é fácil de adivinhar")
        }
        Warning::DatesAreOftenEasyToGuess => ("dates are easy to guess", "datas são fáceis de adivinhar"),
        Warning::NamesAndSurnamesByThemselvesAreEasyToGuess => {
            ("names by themselves are easy to guess", "nomes sozinhos são fáceis de adivinhar")
        }
        Warning::CommonNamesAndSurnamesAreEasyToGuess => {
            ("common names are easy to guess", "nomes comuns são fáceis de adivinhar")
        }
    }
}

const fn suggestion(of: &Suggestion) -> (&'static str, &'static str) {
    match of {
        Suggestion::UseAFewWordsAvoidCommonPhrases => {
            ("use a few words that do not belong together", "use algumas palavras que não combinem entre si")
        }
        Suggestion::NoNeedForSymbolsDigitsOrUppercaseLetters => {
            ("symbols, digits and capitals are not needed", "símbolos, números e maiúsculas não são necessários")
        }
        Suggestion::AddAnotherWordOrTwo => {
            ("add another word or two, uncommon ones", "acrescente mais uma ou duas palavras, pouco comuns")
        }
        Suggestion::CapitalizationDoesntHelpVeryMuch => ("capitals do not help much", "maiúsculas ajudam pouco"),
        Suggestion::AllUppercaseIsAlmostAsEasyToGuessAsAllLowercase => (
            "all capitals are almost as easy to guess as none",
            "tudo em maiúsculas é quase tão fácil de adivinhar quanto tudo em minúsculas",
        ),
        Suggestion::ReversedWordsArentMuchHarderToGuess => (
            "words backwards are not much harder to guess",
            "palavras ao contrário são pouco mais difíceis de adivinhar",
        ),
        Suggestion::PredictableSubstitutionsDontHelpVeryMuch => {
            ("@ in the place of a does not help much", "trocar a por @ ajuda pouco")
        }
        Suggestion::UseALongerKeyboardPatternWithMoreTurns => {
            ("use a longer keyboard pattern with more turns", "use um padrão do teclado mais longo e com mais voltas")
        }
        Suggestion::AvoidRepeatedWordsAndCharacters => {
            ("avoid repeated words and characters", "evite palavras e caracteres repetidos")
        }
        Suggestion::AvoidSequences => ("avoid sequences", "evite sequências"),
        Suggestion::AvoidRecentYears => ("avoid recent years", "evite anos recentes"),
        Suggestion::AvoidYearsThatAreAssociatedWithYou => {
            ("avoid years that have to do with you", "evite anos que tenham a ver com você")
        }
        Suggestion::AvoidDatesAndYearsThatAreAssociatedWithYou => {
            ("avoid dates and years that have to do with you", "evite datas e anos que tenham a ver com você")
        }
    }
}

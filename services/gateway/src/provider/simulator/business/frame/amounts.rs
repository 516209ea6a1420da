//! Which amounts stand in a text: money, shares, counts and times?

/// A text, and the same without accents and capitals, character by character.
pub struct Page {
    /// As it was written.
    pub chars: Vec<char>,
    /// See [`crate::provider::simulator::business::text::plain`].
    pub plain: Vec<char>,
}

impl Page {
    /// Words as they were written.
    pub fn quote(&self, from: usize, to: usize) -> String {
        self.chars.get(from..to).unwrap_or_default().iter().collect::<String>().trim().to_owned()
    }

    /// The plain text between two places.
    pub fn between(&self, from: usize, to: usize) -> String {
        let to = to.min(self.plain.len());
        self.plain.get(from.min(to)..to).unwrap_or_default().iter().collect()
    }

    /// Makes the marks inside of numbers no ends of sentences.
    pub fn hide_marks(&mut self) {
        let digit = |plain: &[char], at: usize| plain.get(at).is_some_and(char::is_ascii_digit);
        for at in 1..self.plain.len() {
            let mark = matches!(self.plain.get(at), Some('.' | ','));
            if mark && digit(&self.plain, at - 1) && digit(&self.plain, at + 1) {
                self.plain[at] = '·';
            }
        }
    }

    /// Whether these words begin here, and no other word goes on after them.
    pub fn is_at(&self, at: usize, words: &str) -> bool {
        let length = words.chars().count();
        let same = self.plain.get(at..at + length).is_some_and(|part| part.iter().copied().eq(words.chars()));
        let closed = |next: Option<&char>| !next.is_some_and(|c| c.is_alphanumeric());
        same && (!words.ends_with(char::is_alphanumeric) || closed(self.plain.get(at + length)))
    }
}

/// One amount.
#[derive(Clone, Debug, PartialEq)]
pub struct Amount {
    /// In its unit.
    pub value: f64,
    /// `money`, `percent`, `days`, `months`, `ratio` or `number`.
    pub unit: &'static str,
    /// Where it begins and ends, in characters.
    pub from: usize,
    /// See `from`.
    pub to: usize,
}

const MONEY: &[&str] = &["r$", "us$", "u$", "$", "€", "£", "brl", "usd", "eur"];
const SCALES: &[(&str, f64)] = &[
    ("milhoes de", 1e6),
    ("milhao de", 1e6),
    ("bilhoes", 1e9),
    ("bilhao", 1e9),
    ("milhoes", 1e6),
    ("milhao", 1e6),
    ("millions", 1e6),
    ("million", 1e6),
    ("billion", 1e9),
    ("thousand", 1e3),
    ("mil", 1e3),
    ("mm", 1e6),
    ("mi", 1e6),
    ("mn", 1e6),
    ("bn", 1e9),
    ("bi", 1e9),
    ("k", 1e3),
    ("m", 1e6),
    ("b", 1e9),
];
/// Units after a number, and what they are multiplied with.
const UNITS: &[(&str, &str, f64)] = &[
    ("%", "percent", 1.0),
    ("por cento", "percent", 1.0),
    ("percent", "percent", 1.0),
    ("per cent", "percent", 1.0),
    ("reais", "money", 1.0),
    ("dolares", "money", 1.0),
    ("dollars", "money", 1.0),
    ("euros", "money", 1.0),
    ("dias", "days", 1.0),
    ("dia", "days", 1.0),
    ("days", "days", 1.0),
    ("day", "days", 1.0),
    ("semanas", "days", 7.0),
    ("semana", "days", 7.0),
    ("weeks", "days", 7.0),
    ("week", "days", 7.0),
    ("meses", "months", 1.0),
    ("mes", "months", 1.0),
    ("months", "months", 1.0),
    ("month", "months", 1.0),
    ("anos", "months", 12.0),
    ("ano", "months", 12.0),
    ("years", "months", 12.0),
    ("year", "months", 12.0),
    ("vezes", "ratio", 1.0),
    ("times", "ratio", 1.0),
    ("x", "ratio", 1.0),
];
const NUMBERS: &[(&str, f64)] = &[
    ("dois", 2.0),
    ("duas", 2.0),
    ("tres", 3.0),
    ("quatro", 4.0),
    ("cinco", 5.0),
    ("seis", 6.0),
    ("sete", 7.0),
    ("oito", 8.0),
    ("nove", 9.0),
    ("dez", 10.0),
    ("doze", 12.0),
    ("quinze", 15.0),
    ("vinte", 20.0),
    ("trinta", 30.0),
    ("sessenta", 60.0),
    ("noventa", 90.0),
    ("two", 2.0),
    ("three", 3.0),
    ("four", 4.0),
    ("five", 5.0),
    ("six", 6.0),
    ("seven", 7.0),
    ("eight", 8.0),
    ("nine", 9.0),
    ("ten", 10.0),
    ("twelve", 12.0),
    ("fifteen", 15.0),
    ("twenty", 20.0),
    ("thirty", 30.0),
    ("sixty", 60.0),
    ("ninety", 90.0),
];

/// All amounts, in order.
pub fn amounts(page: &Page) -> Vec<Amount> {
    let mut all = vec![];
    let mut at = 0;
    while at < page.plain.len() && all.len() < 200 {
        match amount(page, at) {
            Some(amount) => {
                at = amount.to;
                all.push(amount);
            }
            None => at += 1,
        }
    }
    all
}

fn amount(page: &Page, at: usize) -> Option<Amount> {
    if at > 0 && page.plain.get(at - 1).is_some_and(|c| c.is_alphanumeric() || *c == '.' || *c == ',') {
        return None;
    }
    let symbol = MONEY.iter().find(|symbol| starts(page, at, symbol));
    let mut here = at + symbol.map_or(0, |symbol| symbol.chars().count());
    here = skip(page, here);
    let minus = symbol.is_none() && page.plain.get(here) == Some(&'-');
    let (value, end) = digits(page, here + usize::from(minus)).or_else(|| spelled(page, here))?;
    if symbol.is_none() && here != at {
        return None;
    }
    let mut value = if minus { -value } else { value };
    let mut to = end;
    let scale = SCALES.iter().find(|(word, _)| page.is_at(skip(page, to), word));
    if let Some((word, factor)) = scale.filter(|(word, _)| word.len() > 1 || page.is_at(to, word)) {
        value *= factor;
        to = skip(page, to) + word.chars().count();
    }
    let next = skip(page, to);
    let unit = UNITS.iter().find(|(word, ..)| page.is_at(next, word));
    let (unit, factor, to) = match (symbol, unit) {
        (Some(_), _) => ("money", 1.0, to),
        (None, Some((word, unit, factor))) => (*unit, *factor, next + word.chars().count()),
        (None, None) => ("number", 1.0, to),
    };
    let value = value * factor;
    value.is_finite().then_some(Amount { value, unit, from: at, to })
}

/// Like [`Page::is_at`], whatever comes after it.
fn starts(page: &Page, at: usize, word: &str) -> bool {
    page.plain.get(at..at + word.chars().count()).is_some_and(|part| part.iter().copied().eq(word.chars()))
}

fn skip(page: &Page, at: usize) -> usize {
    if page.plain.get(at) == Some(&' ') { at + 1 } else { at }
}

fn spelled(page: &Page, at: usize) -> Option<(f64, usize)> {
    let found = NUMBERS.iter().find(|(word, _)| page.is_at(at, word))?;
    Some((found.1, at + found.0.chars().count()))
}

/// A number in digits, with the separators of either language, and where it ends.
fn digits(page: &Page, at: usize) -> Option<(f64, usize)> {
    let is_digit = |place: usize| page.plain.get(place).is_some_and(char::is_ascii_digit);
    if !is_digit(at) {
        return None;
    }
    let mut to = at;
    while is_digit(to) || matches!(page.plain.get(to), Some('.' | ',')) && is_digit(to + 1) {
        to += 1;
    }
    let raw = page.between(at, to.min(at + 30));
    let last = raw.rfind(['.', ',']);
    let marks: Vec<char> = raw.chars().filter(|c| !c.is_ascii_digit()).collect();
    let mixed = marks.windows(2).any(|pair| pair.first() != pair.last());
    let whole = last.is_none_or(|mark| {
        // Three digits after a single mark are thousands, unless there is nothing before it.
        !mixed && (marks.len() > 1 || raw.len() - mark == 4 && !raw.starts_with('0'))
    });
    let (left, right) = if whole { (raw.as_str(), "") } else { raw.split_at(last.unwrap_or(raw.len())) };
    let only = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    format!("{}.{}", only(left), only(right) + "0").parse().ok().map(|value| (value, to))
}

//! What does a statement speak of?

use crate::provider::simulator::business::text;

const NOT: &[&str] = &[
    "not", "no", "never", "without", "cannot", "nor", "neither", "don", "doesn", "isn", "aren", "won", "shouldn",
    "nao", "nunca", "sem", "nem", "jamais", "nenhum", "nenhuma",
];
#[rustfmt::skip]
const SMALL: &[&str] = &[
    "the", "and", "for", "that", "this", "with", "from", "are", "was", "were", "has", "have", "will", "should", "must",
    "can", "may", "its", "their", "our", "than", "then", "more", "most", "into", "que", "para", "por", "com", "uma",
    "dos", "das", "pelo", "pela", "seu", "sua", "mais", "muito", "deve", "devem", "pode", "esta", "este", "sao", "foi",
    "como", "ser", "tem", "aos", "nos", "nas", "business", "company", "empresa", "mainly", "principalmente",
];
/// Two ways to move the same thing, by the beginnings of words.
const TURNS: &[(&[&str], &[&str])] = &[
    (
        &[
            "increas", "rais", "expand", "grow", "hire", "hiring", "more", "aument", "elev", "ampli", "expand",
            "contrat", "reajust", "cresc",
        ],
        &[
            "reduc", "cut", "lower", "shrink", "decreas", "fire", "layoff", "less", "reduz", "cort", "diminu", "enxug",
            "demit", "encolh",
        ],
    ),
    (
        &["start", "launch", "begin", "open", "enter", "inici", "comec", "lanc", "abrir", "entrar"],
        &[
            "stop", "postpon", "freez", "paus", "end", "close", "exit", "parar", "adi", "congel", "suspend", "encerr",
            "fechar",
        ],
    ),
    (
        &["high", "strong", "rising", "improv", "enough", "sufficient", "alto", "alta", "forte", "melhor", "suficient"],
        &[
            "low",
            "weak",
            "falling",
            "worsen",
            "insufficient",
            "lack",
            "baixo",
            "baixa",
            "fraco",
            "pior",
            "insuficient",
            "falta",
        ],
    ),
    (&["accelerat", "faster", "aceler"], &["slow", "delay", "desaceler", "atras", "lent"]),
];
/// Words between an effect and its cause.
const CAUSES: &[&str] = &[
    "mainly caused by",
    "is caused by",
    "are caused by",
    "caused by",
    "because of",
    "due to",
    "comes from",
    "come from",
    "stems from",
    "results from",
    "driven by",
    "explained by",
    "because",
    "causada principalmente por",
    "causado principalmente por",
    "principalmente por",
    "causada por",
    "causado por",
    "causadas por",
    "causados por",
    "por causa de",
    "por causa da",
    "por causa do",
    "devido a",
    "devido ao",
    "decorre de",
    "decorre da",
    "decorre do",
    "vem de",
    "vem da",
    "vem do",
    "vem dos",
    "vem das",
    "resulta de",
    "resulta da",
    "porque",
];
const INSTEAD: &[&str] = &["instead of", "rather than", "em vez de", "em lugar de", "ao inves de"];

/// The words that say what a statement is about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Words {
    /// Beginnings of words, each once, sorted.
    pub content: Vec<String>,
    /// There is a `not` in it.
    pub denied: bool,
    ways: Vec<(usize, bool)>,
}

impl Words {
    /// Of a statement.
    pub fn of(statement: &str) -> Self {
        let all = text::words(statement);
        let denied = all.iter().filter(|word| NOT.contains(&word.as_str())).count() % 2 == 1;
        let mut ways = vec![];
        let mut content: Vec<String> = vec![];
        for word in &all {
            let way = way(word);
            ways.extend(way);
            if way.is_none() && word.len() > 2 && !SMALL.contains(&word.as_str()) && !NOT.contains(&word.as_str()) {
                content.push(word.chars().take(6).collect());
            }
        }
        content.sort();
        content.dedup();
        Self { content, denied, ways }
    }

    /// Shared words as a part of those of the shorter one.
    pub fn overlap(&self, other: &Self) -> f64 {
        let least = self.content.len().min(other.content.len());
        if least == 0 { 0.0 } else { count(self.shared(other)) / count(least) }
    }

    /// Which part of its words the other one has too.
    pub fn covered_by(&self, other: &Self) -> f64 {
        if self.content.is_empty() { 0.0 } else { count(self.shared(other)) / count(self.content.len()) }
    }

    /// Whether the same is moved the other way.
    pub fn turned(&self, other: &Self) -> bool {
        let against = |(at, up): &(usize, bool)| {
            other.ways.contains(&(*at, !*up)) && !other.ways.contains(&(*at, *up)) && !self.ways.contains(&(*at, !*up))
        };
        self.ways.iter().any(against)
    }

    fn shared(&self, other: &Self) -> usize {
        self.content.iter().filter(|word| other.content.contains(word)).count()
    }
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

fn way(word: &str) -> Option<(usize, bool)> {
    let begins = |stems: &[&str]| stems.iter().any(|stem| word.starts_with(stem));
    TURNS.iter().enumerate().find_map(|(at, (up, down))| match (begins(up), begins(down)) {
        (true, false) => Some((at, true)),
        (false, true) => Some((at, false)),
        _ => None,
    })
}

/// What is explained, and by what.
pub fn cause(statement: &str) -> Option<(Words, Words)> {
    let folded = text::fold(statement);
    let found = CAUSES.iter().filter_map(|word| folded.find(word).map(|at| (at, *word)));
    let (at, word) = found.min_by_key(|(at, word)| (*at, usize::MAX - word.len()))?;
    let (effect, rest) = folded.split_at(at);
    let cause = &rest[word.len()..];
    let cause = cause.split([';', '.']).next().unwrap_or_default();
    Some((Words::of(effect), Words::of(cause)))
}

/// What is not wanted.
pub fn refused(statement: &str) -> Option<Words> {
    let folded = text::fold(statement);
    let (at, word) = INSTEAD.iter().find_map(|word| folded.find(word).map(|at| (at, *word)))?;
    let rest = &folded[at + word.len()..];
    Some(Words::of(rest.split([',', ';', '.']).next().unwrap_or_default())).filter(|words| !words.content.is_empty())
}

//! Which language is a text written in? Told by small words and by letters, since reports are short and full of names.

use super::plain;
use crate::domain::locale::Locale;

/// Fewer letters say nothing.
const LETTERS: usize = 40;
/// As many points as one word that only one language has.
const SURE: u32 = 3;
const MAYBE: u32 = 1;

/// A language that texts come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// One that reports exist in.
    Known(Locale),
    /// What models like to write instead of Portuguese.
    Spanish,
    /// None of them.
    Other,
}

/// The language of a text. None: it is too short, or nothing in it tells.
pub fn language(text: &str) -> Option<Language> {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    if letters < LETTERS {
        return None;
    }
    if text.chars().filter(|c| c.is_alphabetic() && !is_latin(*c)).count() * 2 > letters {
        return Some(Language::Other);
    }
    let mut points = [0; TABLES.len()];
    for word in text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()) {
        let word = word.to_lowercase();
        for (points, table) in points.iter_mut().zip(&TABLES) {
            *points += table.points(&word);
        }
    }
    points[1] += SURE * u32::try_from(text.matches(['¿', '¡']).count()).unwrap_or_default();
    let most = points.iter().copied().max().filter(|most| *most > MAYBE)?;
    let mut best = points.iter().zip(&TABLES).filter(|(points, _)| **points == most);
    match (best.next(), best.next()) {
        (Some((_, table)), None) => Some(table.language),
        _ => None,
    }
}

/// Whether a text is in the language of a report, or nobody can tell.
pub fn speaks(text: &str, locale: Locale) -> bool {
    language(text).is_none_or(|language| language == Language::Known(locale))
}

fn is_latin(c: char) -> bool {
    c <= '\u{24f}'
}

/// What tells one language.
struct Table {
    language: Language,
    /// Words that no other of the languages has.
    own: &'static str,
    /// Words that another one has too.
    shared: &'static str,
    /// Ends of words that no other of the languages has. Those without accents end words with accents too.
    ends: &'static [&'static str],
    letters: &'static [char],
    shared_letters: &'static [char],
}

impl Table {
    fn points(&self, word: &str) -> u32 {
        let is_in = |list: &str| list.split_ascii_whitespace().any(|known| known == word);
        if is_in(self.own) || word.contains(self.letters) || self.has_end(word) {
            SURE
        } else if is_in(self.shared) || word.contains(self.shared_letters) {
            MAYBE
        } else {
            0
        }
    }

    fn has_end(&self, word: &str) -> bool {
        let plain = plain(word);
        let stem = |end: &str| plain.strip_suffix(end).or_else(|| word.strip_suffix(end)).map_or(0, str::len);
        self.ends.iter().any(|end| stem(end) >= 3)
    }
}

const TABLES: [Table; 6] = [
    Table {
        language: Language::Known(Locale::PtBr),
        own: "não nao uma umas um uns da das dos do ao aos à às em num numa pelo pela pelos pelas com são sao é mais mas seu \
              sua seus suas isso isto você voce nós ele ela eles elas já só até também tambem foi tem têm muito quando \
              nosso nossa nossos nossas será sera há pode deve devemos ainda depois melhor maior menor receita receitas \
              custo custos preço preço preços caixa clientes lucro meses mês venda vendas empresa equipe fornecedores \
              prazo dívida juros queda risco riscos meta metas manter reduzir aumentar fazer dinheiro os as",
        shared: "a o e de que para por como se no na nos nas entre sobre sem cada este esta está ser ou margem",
        ends: &[
            "cao", "coes", "dade", "dades", "agem", "mento", "mentos", "nho", "nha", "lho", "lha", "eiro", "eira",
            "ência", "ências", "ância", "âncias", "ável", "ível", "ais", "eis",
        ],
        letters: &['ã', 'õ'],
        shared_letters: &['ç', 'â', 'ê', 'ô'],
    },
    Table {
        language: Language::Spanish,
        own: "el los las un unos unas del al y en con es son más pero su sus también tambien hasta ya fue tiene tienen muy \
              cuando nuestro nuestra nuestros nuestras será hay puede debe debemos aún según después mejor mayor ingreso \
              ingresos coste costes costo costos precio precios caja cliente ganancia mes venta ventas negocio negocios \
              equipo proveedores plazo deuda tipo caída riesgo riesgos mantener reducir aumentar hacer dinero lo le les \
              esto eso ella ellos ellas qué cómo sin sino porque flujo",
        shared: "a e o de que para por como se no la nos una entre sobre cada este esta está ser meses clientes empresa",
        ends: &[
            "cion", "ciones", "dad", "dades", "miento", "mientos", "aje", "anza", "illo", "uelo", "iero", "iera",
            "ales",
        ],
        letters: &['ñ'],
        shared_letters: &[],
    },
    Table {
        language: Language::Known(Locale::En),
        own: "the and of to is that for with are by this it be will from we at not or should which has have was were would \
              can must our their its than more but if they there been into when what how about only you your an may before \
              after over under while because both most keep cost costs revenue price prices cash customers growth team \
              margin risk risks month months year profit sales demand supply company board cut \
              raise through first next against within across each these those very still new",
        shared: "a in on as no do me so",
        ends: &["ing", "ness", "ment", "ments", "ship", "ould", "ight"],
        letters: &[],
        shared_letters: &[],
    },
    Table {
        language: Language::Other,
        own: "le les des et est une dans du au aux avec sur nous vous pas plus ce cette ces ses leur leurs sont être mais qui \
              ou où été avoir faire très prix coûts",
        shared: "la de que pour par en un se entre tout",
        ends: &["eux", "euse", "aire", "aires", "ement", "ité"],
        letters: &['œ', 'ù', 'û', 'è'],
        shared_letters: &['ç', 'â', 'ê', 'ô'],
    },
    Table {
        language: Language::Other,
        own: "der die das und ist nicht mit für ein eine einen den dem des zu zum zur auf von im wir sie auch werden wird \
              sind bei nach aus als oder aber kosten umsatz",
        shared: "in an am so",
        ends: &["ung", "ungen", "keit", "heit", "schaft", "lich", "isch"],
        letters: &['ß', 'ä', 'ö'],
        shared_letters: &[],
    },
    Table {
        language: Language::Other,
        own: "il gli che di è per della delle dei degli nel nella sono anche più non questo questa essere alla alle dal dalla \
              costi ricavi prezzi ma ci",
        shared: "la le lo con un una in a e se si",
        ends: &["zione", "zioni", "mente", "tà", "aggio"],
        letters: &['ì', 'ò'],
        shared_letters: &['è'],
    },
];

#[cfg(test)]
mod tests;

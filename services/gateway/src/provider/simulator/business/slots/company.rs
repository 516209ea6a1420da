//! How does the company stand in a sentence? In Portuguese by its gender and number.

use crate::provider::simulator::business::{case::Locale, text};

/// First words that are feminine and do not end like it.
const FEMININE: &[&str] = &[
    "rede",
    "fintech",
    "startup",
    "edtech",
    "healthtech",
    "agtech",
    "insurtech",
    "proptech",
    "lawtech",
    "legaltech",
    "foodtech",
    "holding",
    "ong",
    "b2b",
    "software house",
    "franchise",
    "confeccao",
    "construcao",
    "producao",
    "importacao",
    "distribuicao",
    "exportacao",
    "grife",
    "base",
    "mercearia",
    "saude",
    "educacao",
    "logistica",
];
/// And the other way round.
const MASCULINE: &[&str] = &["sistema", "programa", "delivery", "buffet", "cinema", "marketplace", "hortifruti"];
/// English words that need no `business` after them.
const COMPLETE: &[&str] = &[
    "business",
    "company",
    "shop",
    "restaurant",
    "store",
    "agency",
    "clinic",
    "factory",
    "firm",
    "school",
    "startup",
    "hotel",
    "bakery",
    "manufacturer",
    "distributor",
    "retailer",
    "chain",
    "farm",
    "studio",
    "gym",
    "cafe",
    "brewery",
    "consultancy",
    "marketplace",
    "platform",
    "hospital",
    "wholesaler",
    "supermarket",
    "pharmacy",
    "laboratory",
    "carrier",
    "operator",
    "producer",
    "maker",
    "inn",
    "bank",
    "fintech",
    "academy",
    "brand",
    "hall",
    "salon",
    "office",
    "workshop",
    "network",
    "plant",
];

/// A form of the name of a business; none if it is no such form.
pub fn company(business: &str, form: &str, locale: Locale) -> Option<String> {
    match locale {
        Locale::En => (form == "biz").then(|| english(business)),
        Locale::Pt => {
            let name = if business.is_empty() { "empresa" } else { business };
            let (feminine, plural) = (is_feminine(name), is_plural(name));
            let at = usize::from(feminine) + 2 * usize::from(plural);
            let forms = match form {
                "o_biz" => ["o", "a", "os", "as"],
                "do_biz" => ["do", "da", "dos", "das"],
                "no_biz" => ["no", "na", "nos", "nas"],
                "ao_biz" => ["ao", "à", "aos", "às"],
                "por_biz" => ["pelo", "pela", "pelos", "pelas"],
                _ => return None,
            };
            // A plural would not agree with the verb.
            if plural {
                let single = match form {
                    "o_biz" => "a",
                    "do_biz" => "da",
                    "no_biz" => "na",
                    "ao_biz" => "à",
                    _ => "pela",
                };
                return Some(format!("{single} empresa de {name}"));
            }
            forms.get(at).map(|article| format!("{article} {name}"))
        }
    }
}

fn english(business: &str) -> String {
    if business.is_empty() {
        return "the company".to_owned();
    }
    let folded = text::fold(business);
    let complete = COMPLETE.iter().any(|word| text::has_word(&folded, word));
    format!("the {business}{}", if complete { "" } else { " business" })
}

fn first(name: &str) -> String {
    text::fold(name.split([' ', '-', '/', ',']).next().unwrap_or_default())
}

fn is_feminine(name: &str) -> bool {
    let word = first(name);
    if MASCULINE.contains(&word.as_str()) || text::fold(name).starts_with("e-commerce") {
        return false;
    }
    let ends = ["a", "cao", "sao", "dade", "gem", "as", "coes"];
    FEMININE.contains(&word.as_str()) || ends.iter().any(|end| word.ends_with(end)) && word != "saas"
}

fn is_plural(name: &str) -> bool {
    let word = first(name);
    word.ends_with('s')
        && word.len() > 4
        && !["onibus", "campus", "fitness", "business", "bras"].contains(&word.as_str())
}

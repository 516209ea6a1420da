//! Under which name do several agents mean the same?

use crate::{domain::registry, prose::plain};

const MOST: usize = 48;

/// Lower snake case without accents, such as `margem_bruta` of `Margem bruta`.
pub fn slug(text: &str) -> String {
    let plain = plain(text);
    let words: Vec<&str> = plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let slug: String = words.join("_").chars().take(MOST).collect();
    slug.trim_end_matches('_').to_owned()
}

/// The key of a metric: one of the registry, or `x_…`. None: there is no name in it.
pub fn metric_key(text: &str) -> Option<String> {
    key(text, |name| registry::metric_named(name).map(|metric| metric.key.as_str()))
}

/// The key of a lever: one of the registry, or `x_…`. None: there is no name in it.
pub fn lever_key(text: &str) -> Option<String> {
    key(text, |name| registry::lever(name).map(|lever| lever.key.as_str()))
}

fn key(text: &str, known: impl Fn(&str) -> Option<&'static str>) -> Option<String> {
    let slug = slug(text);
    // What is in the registry is not unknown because somebody says so.
    let name = slug.strip_prefix("x_").unwrap_or(&slug);
    if name.is_empty() || name == "x" {
        return None;
    }
    Some(known(name).map_or_else(|| format!("x_{name}"), str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_of_the_registry_or_say_that_they_are_not() {
        assert_eq!(metric_key(" Gross Margin ").as_deref(), Some("gross_margin"));
        assert_eq!(metric_key("x_churn").as_deref(), Some("churn"));
        assert_eq!(metric_key("Ticket médio").as_deref(), Some("average_ticket"), "another name for it");
        assert_eq!(metric_key("Satisfação (NPS)").as_deref(), Some("x_satisfacao_nps"));
        assert_eq!(
            (lever_key("pricing").as_deref(), lever_key("churn").as_deref()),
            (Some("pricing"), Some("x_churn"))
        );
        assert_eq!((metric_key("—"), metric_key("x_"), metric_key("")), (None, None, None));
        assert!(slug(&"long name ".repeat(20)).len() <= MOST);
    }
}

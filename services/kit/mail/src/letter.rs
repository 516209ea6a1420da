//! What does a template say?

use minijinja::{Environment, UndefinedBehavior, Value};

/// The language of those who read none of ours.
const FALLBACK: &str = "en";

/// What is written, before it is laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// In which language, as BCP 47 names it.
    pub locale: String,
    /// One line.
    pub subject: String,
    /// In order.
    pub(crate) paragraphs: Vec<Paragraph>,
}

/// A piece of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Paragraph {
    Text(String),
    /// What the button says.
    Link(String),
}

/// The templates of one service.
pub struct Templates(Environment<'static>);

impl Templates {
    /// Reads templates: name, locale, text. Errors: what is wrong with which of them.
    pub fn new(all: &[(&str, &str, &'static str)]) -> Result<Self, String> {
        let mut environment = Environment::new();
        // A letter with a hole in it is worse than none.
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        for (name, locale, text) in all {
            let added = environment.add_template_owned(format!("{name}/{locale}"), *text);
            added.map_err(|error| format!("the letter {name} in {locale}: {error}"))?;
        }
        Ok(Self(environment))
    }

    /// The letter of this name in a language, or else in English. Values in it are text, whatever they hold.
    /// Errors: there is no such template, or a value that it names is missing.
    pub fn write(&self, name: &str, locale: &str, values: &Value) -> Result<Letter, String> {
        let found = [locale, FALLBACK].into_iter().find_map(|locale| {
            let template = self.0.get_template(&format!("{name}/{locale}")).ok()?;
            Some((locale, template))
        });
        let (locale, template) = found.ok_or_else(|| format!("there is no letter {name}"))?;
        let text = template.render(values).map_err(|error| format!("the letter {name}: {error}"))?;
        Ok(Letter::read(locale, &text))
    }
}

impl Letter {
    fn read(locale: &str, text: &str) -> Self {
        let (subject, rest) = text.split_once('\n').unwrap_or((text, ""));
        let paragraphs = rest.split("\n\n").map(str::trim).filter(|p| !p.is_empty()).map(Paragraph::read).collect();
        Self { locale: locale.to_owned(), subject: subject.trim().to_owned(), paragraphs }
    }
}

impl Paragraph {
    fn read(text: &str) -> Self {
        let label = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).filter(|t| !t.contains(['[', ']', '\n']));
        match label {
            Some(label) => Self::Link(label.to_owned()),
            None => Self::Text(text.split_whitespace().collect::<Vec<_>>().join(" ")),
        }
    }
}

/// A value of somebody else's choice in one line: what they call themselves must not become a paragraph or a link.
pub fn one_line(text: &str) -> String {
    let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
    plain.replace(['[', ']'], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    const EN: &str = "Hello {{ name }}\n\nDear {{ name }},\nwelcome.\n\n[Confirm]\n\nBye.\n";

    #[test]
    fn a_template_is_subject_paragraphs_and_a_link() {
        let templates = Templates::new(&[("hello", "en", EN)]).unwrap();
        let letter = templates.write("hello", "pt-BR", &minijinja::context! { name => "Ana <3" }).unwrap();
        assert_eq!((letter.locale.as_str(), letter.subject.as_str()), ("en", "Hello Ana <3"));
        let text = |t: &str| Paragraph::Text(t.to_owned());
        let confirm = Paragraph::Link("Confirm".to_owned());
        assert_eq!(letter.paragraphs, [text("Dear Ana <3, welcome."), confirm, text("Bye.")]);
    }

    #[test]
    fn a_letter_with_a_hole_is_not_written() {
        let templates = Templates::new(&[("hello", "en", EN)]).unwrap();
        assert!(templates.write("hello", "en", &minijinja::context! {}).is_err());
        assert!(templates.write("bye", "en", &minijinja::context! {}).is_err());
        assert!(Templates::new(&[("broken", "en", "{{ name")]).is_err());
    }

    #[test]
    fn what_somebody_is_called_is_no_template() {
        let templates = Templates::new(&[("hello", "en", EN)]).unwrap();
        for name in ["{{ 7 * 7 }}", "{% for x in range(9) %}", "{# {{ self }}", "${7*7}", "%s%n"] {
            let letter = templates.write("hello", "en", &minijinja::context! { name }).unwrap();
            assert_eq!(letter.subject, format!("Hello {name}"));
        }
    }

    #[test]
    fn a_name_does_not_become_a_link() {
        assert_eq!(one_line("Ana\n\n[Win money]\n"), "Ana Win money");
    }
}

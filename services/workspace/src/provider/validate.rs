//! What the fields of a provider may be. Each check gives the value to store, or what the field must be instead.

use crate::problems::Problems;
use proto::provider::{Address, Kind};
use serde_json::{Map, Value};
use url::Url;

const MAX_NAME: usize = 64;
const MAX_URL: usize = 2048;
const MAX_PRIORITY: i32 = 1000;
const MAX_WEIGHT: i32 = 1000;
const MAX_MODELS: usize = 500;
const MAX_MODEL: usize = 200;
const MAX_KEY: usize = 4096;
const MAX_OPTIONS: usize = 16 * 1024;

/// A name that can stand before the slash in `<name>/<model>`.
pub(super) fn name(text: &str) -> Result<String, &'static str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if (1..=MAX_NAME).contains(&text.len()) && text.chars().all(plain) {
        return Ok(text.to_owned());
    }
    Err("must be 1 to 64 characters out of letters, digits, dot, hyphen and underscore")
}

/// An address in the one form that we store and compare: no slash at its end.
pub(super) fn base_url(kind: &Kind, text: &str) -> Result<Option<Url>, String> {
    let (text, default) = match kind.address {
        Address::None if text.is_empty() => return Ok(None),
        Address::None => return Err(format!("must be left out: {} has no address", kind.name)),
        Address::Usual(usual) => (if text.is_empty() { usual } else { text }, usual),
        Address::Own(example) if text.is_empty() => return Err(format!("is required, such as {example}")),
        Address::Own(example) => (text, example),
    };
    if text.len() > MAX_URL {
        return Err(format!("must be at most {MAX_URL} characters"));
    }
    let mut url = Url::parse(text).map_err(|_| format!("must be an absolute URL, such as {default}"))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(format!("must begin with http:// or https:// and name a host, such as {default}"));
    }
    // Checked apart, because what is in front of an @ is a secret that would be stored in the open.
    if !url.username().is_empty() || url.password().is_some() {
        return Err("must not hold a user name or password: send the credential as api_key".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("must not hold a query or fragment: nothing may follow the path".to_owned());
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(Some(url))
}

/// How an address is stored: as an OpenAI SDK takes it.
pub(super) fn stored(url: Option<&Url>) -> String {
    url.map(|u| u.as_str().trim_end_matches('/').to_owned()).unwrap_or_default()
}

/// Lower is tried first.
pub(super) fn priority(value: i32) -> Result<i32, String> {
    if (0..=MAX_PRIORITY).contains(&value) { Ok(value) } else { Err(format!("must be from 0 to {MAX_PRIORITY}")) }
}

/// The share among equal priorities.
pub(super) fn weight(value: i32) -> Result<i32, String> {
    if (1..=MAX_WEIGHT).contains(&value) { Ok(value) } else { Err(format!("must be from 1 to {MAX_WEIGHT}")) }
}

/// Names of models, each once, in the order given.
pub(super) fn models(names: Vec<String>) -> Result<Vec<String>, String> {
    if names.len() > MAX_MODELS {
        return Err(format!("must be at most {MAX_MODELS} names; none means any model"));
    }
    let fits = |n: &String| (1..=MAX_MODEL).contains(&n.chars().count()) && !n.chars().any(char::is_control);
    if !names.iter().all(|n| fits(n) && n.trim() == n) {
        return Err(format!("must be names of 1 to {MAX_MODEL} characters without blanks around them"));
    }
    let mut seen = std::collections::HashSet::new();
    Ok(names.iter().filter(|name| seen.insert(name.as_str())).cloned().collect())
}

/// A credential as a header can carry it. Never echoed: a mistyped key is still a key.
pub(super) fn api_key(kind: &Kind, key: &str) -> Result<(), String> {
    if !kind.takes_key {
        return if key.is_empty() { Ok(()) } else { Err(format!("must be left out: {} takes none", kind.name)) };
    }
    if key.len() <= MAX_KEY && key.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(());
    }
    Err(format!("must be at most {MAX_KEY} visible ASCII characters, without blanks or line breaks"))
}

/// A JSON object, written without blanks; nothing is the empty one.
pub(super) fn options(json: &str, problems: &mut Problems) -> String {
    if json.is_empty() {
        return "{}".to_owned();
    }
    if json.len() > MAX_OPTIONS {
        problems.refused("options", format!("must be at most {MAX_OPTIONS} bytes of JSON"));
        return String::new();
    }
    match serde_json::from_str::<Map<String, Value>>(json) {
        Ok(object) => Value::Object(object).to_string(),
        Err(_) => {
            problems.malformed("options", "must be a JSON object");
            String::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::kinds::find;

    fn url(text: &str) -> Result<String, String> {
        base_url(find("openai").expect("a kind"), text).map(|u| stored(u.as_ref()))
    }

    #[test]
    fn a_base_url_is_stored_in_one_form() {
        assert_eq!(url("").as_deref(), Ok("https://api.openai.com/v1"));
        assert_eq!(url("HTTP://LocalHost:11434/v1///").as_deref(), Ok("http://localhost:11434/v1"));
        assert_eq!(url("https://example.com").as_deref(), Ok("https://example.com"));
        assert_eq!(url("https://example.com:443/a/").as_deref(), Ok("https://example.com/a"));
    }

    #[test]
    fn what_is_no_base_url_is_refused() {
        let long = format!("https://example.com/{}", "a".repeat(2048));
        for bad in [
            "example.com",
            "/v1",
            "ftp://example.com",
            "file:///etc/passwd",
            "https://",
            "http:",
            "https://a b/",
            "https://user@example.com",
            "https://u:secret@example.com/v1",
            "https://example.com/v1?key=secret",
            "https://example.com/#x",
            "javascript:alert(1)",
            &long,
        ] {
            let refused = url(bad).expect_err(bad);
            assert!(!refused.contains("secret"), "{refused}");
        }
        assert!(base_url(find("simulator").expect("a kind"), "http://localhost/v1").is_err());
    }

    #[test]
    fn a_name_can_stand_before_the_slash() {
        assert!(name("my-openai_2.eu").is_ok());
        for bad in ["", "a/b", "a b", "ação", "a\n", &"x".repeat(65)] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn numbers_have_bounds() {
        assert!(priority(0).is_ok() && priority(1000).is_ok() && weight(1).is_ok() && weight(1000).is_ok());
        assert!(priority(-1).is_err() && priority(1001).is_err() && weight(0).is_err() && weight(1001).is_err());
    }

    #[test]
    fn models_are_listed_once_and_bounded() {
        let twice = vec!["gpt-4o".to_owned(), "llama".to_owned(), "gpt-4o".to_owned()];
        assert_eq!(models(twice), Ok(vec!["gpt-4o".to_owned(), "llama".to_owned()]));
        assert!(models(vec![String::new()]).is_err());
        assert!(models(vec![" gpt".to_owned()]).is_err());
        assert!(models(vec!["x".repeat(201)]).is_err());
        assert!(models(vec!["m".to_owned(); 501]).is_err());
    }

    #[test]
    fn a_credential_fits_a_header_and_is_never_repeated() {
        let kind = find("openai").expect("a kind");
        assert!(api_key(kind, "sk-abc").is_ok());
        for bad in ["sk secret", "sk-secret\n", "sk-sécret", &"secret".repeat(1000)] {
            assert!(!api_key(kind, bad).expect_err("refused").contains("secret"));
        }
        assert!(api_key(find("simulator").expect("a kind"), "sk-abc").is_err());
    }

    #[test]
    fn options_are_an_object() {
        let read = |json: &str| {
            let mut problems = Problems::default();
            let object = options(json, &mut problems);
            problems.finish().map(|()| object).ok()
        };
        assert_eq!(read("").as_deref(), Some("{}"));
        assert_eq!(read("{ \"include_usage\" : false }").as_deref(), Some("{\"include_usage\":false}"));
        let (deep, long) = ("[".repeat(10_000), format!("{{{}}}", " ".repeat(16 * 1024)));
        for bad in ["[]", "1", "null", "{", "{}{}", &deep, &long] {
            assert_eq!(read(bad), None, "{bad:.20}");
        }
    }
}

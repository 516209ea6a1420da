//! What an ID token says beside the standard, and what of it all is to be believed.

use super::{Person, preset::Vouching, provider::Provider};
use crate::user::email;
use openidconnect::AdditionalClaims;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Claims of single providers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Extra {
    /// Google: the domain of the organisation whose account it is.
    pub(super) hd: Option<String>,
    /// Microsoft: the tenant.
    pub(super) tid: Option<String>,
    /// Microsoft: whether the owner of the domain has proven it. A boolean, or one as text or number.
    pub(super) xms_edov: Option<Value>,
}

impl AdditionalClaims for Extra {}

/// What a provider tells of an address.
pub(super) struct Told {
    pub(super) email: Option<String>,
    pub(super) is_verified: bool,
    pub(super) name: Option<String>,
}

/// The person, as far as this provider is to be believed.
pub(super) fn person(provider: &Provider, issuer: String, subject: String, told: Told, extra: &Extra) -> Person {
    let (email, is_itself) = address(told.email);
    let domain = email.as_deref().and_then(|address| address.rsplit_once('@')).map(|(_, domain)| domain);
    let (is_verified, is_authority) = match provider.vouching {
        // Anybody can run an issuer: which addresses are its to give out is for the operator to say.
        Vouching::Claim => (told.is_verified, told.is_verified && provider.is_trusted_with(domain)),
        Vouching::Google => {
            let is_theirs = domain.is_some_and(|domain| {
                domain == "gmail.com" || extra.hd.as_deref().is_some_and(|hd| hd.eq_ignore_ascii_case(domain))
            });
            (told.is_verified, told.is_verified && is_theirs)
        }
        Vouching::Microsoft => {
            let is_proven = match &extra.xms_edov {
                Some(Value::Bool(proven)) => *proven,
                Some(Value::Number(number)) => number.as_i64() == Some(1),
                Some(Value::String(text)) => text == "1" || text.eq_ignore_ascii_case("true"),
                _ => false,
            };
            (is_proven, is_proven)
        }
    };
    let name = told.name.unwrap_or_default().trim().to_owned();
    let (is_verified, is_authority) = (is_itself && is_verified, is_itself && is_verified && is_authority);
    Person { issuer, subject, is_verified, is_authority, email, name }
}

/// An address as we write it, if it is one, and whether that is how it was told but for the case: what folds into the address
/// of somebody was never asked whether it is theirs.
pub(super) fn address(told: Option<String>) -> (Option<String>, bool) {
    let Some(told) = told else { return (None, false) };
    let address = email::normal(&told);
    let is_itself = address == told.to_ascii_lowercase();
    match email::check(&address) {
        Ok(_) => (Some(address), is_itself),
        Err(_) => (None, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config, sign_in::preset::Preset};
    use serde_json::json;

    fn provider(preset: Option<Preset>, trusts_addresses: bool, domains: &[&str]) -> Provider {
        let allowed_domains = domains.iter().map(|&domain| domain.to_owned()).collect();
        let given = config::Provider { preset, trusts_addresses, allowed_domains, ..Default::default() };
        Provider::new(&given, "https://api.example.com", &host::Clock::system()).expect("a provider")
    }

    fn by(provider: &Provider, email: &str, is_verified: bool, extra: Value) -> (bool, bool) {
        let told = Told { email: Some(email.to_owned()), is_verified, name: None };
        let extra: Extra = serde_json::from_value(extra).unwrap();
        let person = person(provider, "https://a.example".to_owned(), "1".to_owned(), told, &extra);
        (person.is_verified, person.is_authority)
    }

    fn of(preset: Preset, email: &str, is_verified: bool, extra: Value) -> (bool, bool) {
        by(&provider(Some(preset), false, &[]), email, is_verified, extra)
    }

    #[test]
    fn a_provider_of_which_nothing_is_known_gives_out_what_the_operator_says() {
        let anybody = provider(None, false, &[]);
        assert_eq!(by(&anybody, "ana@example.com", true, json!({})), (true, false));
        let trusted = provider(None, true, &[]);
        assert_eq!(by(&trusted, "Ana@Example.com", true, json!({})), (true, true));
        assert_eq!(by(&trusted, "ana@example.com", false, json!({})), (false, false));
        assert_eq!(by(&trusted, "nonsense", true, json!({})), (false, false));
        let of_a_domain = provider(None, false, &["Example.com"]);
        assert_eq!(by(&of_a_domain, "ana@example.com", true, json!({})), (true, true));
        assert_eq!(by(&of_a_domain, "ana@sub.example.com", true, json!({})), (true, false));
    }

    #[test]
    fn what_only_folds_into_an_address_is_not_that_address() {
        let trusted = provider(None, true, &[]);
        for folded in ["\u{ff41}na@example.com", "ana@e\u{ff58}ample.com", "\u{212a}ai@example.com", " ana@example.com"]
        {
            assert_eq!(by(&trusted, folded, true, json!({})), (false, false), "{folded}");
        }
    }

    #[test]
    fn an_address_counts_only_as_far_as_its_provider_can_know() {
        let google = |email, extra| of(Preset::Google, email, true, extra);
        assert_eq!(google("ana@gmail.com", json!({})), (true, true));
        assert_eq!(google("ana@example.com", json!({"hd": "example.com"})), (true, true));
        assert_eq!(google("ana@example.com", json!({"hd": "other.com"})), (true, false));
        assert_eq!(google("ana@example.com", json!({})), (true, false), "it may have changed hands");
        let microsoft = |is_verified, extra| of(Preset::Microsoft, "ana@example.com", is_verified, extra);
        assert_eq!(microsoft(true, json!({})), (false, false), "nOAuth");
        for proven in [json!(true), json!("1"), json!(1), json!("true")] {
            assert_eq!(microsoft(false, json!({"xms_edov": proven})), (true, true));
        }
        assert_eq!(microsoft(true, json!({"xms_edov": "0"})), (false, false));
    }
}

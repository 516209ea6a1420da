//! What an ID token says beside the standard, and what of it all is to be believed.

use super::{Person, preset::Vouching};
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

/// The person, as far as this kind of provider is to be believed.
pub(super) fn person(vouching: Vouching, issuer: String, subject: String, told: Told, extra: &Extra) -> Person {
    let email = told.email.map(|text| email::normal(&text)).filter(|address| email::check(address).is_ok());
    let domain = email.as_deref().and_then(|address| address.rsplit_once('@')).map(|(_, domain)| domain);
    let (is_verified, is_authority) = match vouching {
        Vouching::Claim => (told.is_verified, told.is_verified),
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
    Person { issuer, subject, is_verified: email.is_some() && is_verified, is_authority, email, name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(vouching: Vouching, email: &str, is_verified: bool, extra: Value) -> (bool, bool) {
        let told = Told { email: Some(email.to_owned()), is_verified, name: None };
        let extra: Extra = serde_json::from_value(extra).unwrap();
        let person = person(vouching, "https://a.example".to_owned(), "1".to_owned(), told, &extra);
        (person.is_verified, person.is_authority)
    }

    #[test]
    fn an_address_counts_only_as_far_as_its_provider_can_know() {
        assert_eq!(of(Vouching::Claim, "Ana@Example.com", true, json!({})), (true, true));
        assert_eq!(of(Vouching::Claim, "ana@example.com", false, json!({})), (false, false));
        assert!(!of(Vouching::Claim, "nonsense", true, json!({})).0);
        assert_eq!(of(Vouching::Google, "ana@gmail.com", true, json!({})), (true, true));
        assert_eq!(of(Vouching::Google, "ana@example.com", true, json!({"hd": "example.com"})), (true, true));
        assert_eq!(of(Vouching::Google, "ana@example.com", true, json!({"hd": "other.com"})), (true, false));
        assert_eq!(
            of(Vouching::Google, "ana@example.com", true, json!({})),
            (true, false),
            "it may have changed hands"
        );
        assert_eq!(of(Vouching::Microsoft, "ana@example.com", true, json!({})), (false, false), "nOAuth");
        for proven in [json!(true), json!("1"), json!(1), json!("true")] {
            let extra = json!({"xms_edov": proven});
            assert_eq!(of(Vouching::Microsoft, "ana@example.com", false, extra), (true, true));
        }
        assert_eq!(of(Vouching::Microsoft, "ana@example.com", true, json!({"xms_edov": "0"})), (false, false));
    }
}

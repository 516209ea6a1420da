//! What a directory says of somebody, read.

use super::refusal;
use crate::{
    Error,
    user::{self, email},
};
use proto::identity as pb;
use serde::{Deserialize, Serialize};

/// The longest text of each kind, in characters.
const MAX_TEXT: usize = 200;
const MAX_EMAILS: usize = 20;

/// All that it says. As JSON only for what is put back when it cannot be done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Said {
    pub(super) user_name: String,
    pub(super) external_id: String,
    pub(super) display_name: String,
    pub(super) formatted_name: String,
    pub(super) given_name: String,
    pub(super) family_name: String,
    pub(super) emails: Vec<Email>,
    pub(super) active: bool,
    pub(super) role: String,
}

/// An address that the directory keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Email {
    pub(super) value: String,
    #[serde(default)]
    pub(super) r#type: String,
    #[serde(default)]
    pub(super) primary: Option<bool>,
}

/// Errors: `REFUSED_VALUE` for what is no address, too long, or holds control characters.
pub(super) fn read(profile: Option<pb::DirectoryProfile>) -> Result<Said, Error> {
    let profile = profile.unwrap_or_default();
    let user_name = email::normal(&profile.user_name);
    if let Err(problem) = email::check(&user_name) {
        let why = format!("userName is the e-mail address of the account: it {problem}");
        return Err(refusal::invalid(why, "userName", problem));
    }
    if profile.emails.len() > MAX_EMAILS {
        let problem = format!("must have at most {MAX_EMAILS} entries");
        return Err(refusal::invalid(format!("emails {problem}"), "emails", &problem));
    }
    let mut emails = vec![];
    for pb::DirectoryEmail { value, r#type, primary } in profile.emails {
        let (value, r#type) = (text("emails.value", value)?, text("emails.type", r#type)?);
        emails.push(Email { value, r#type, primary });
    }
    Ok(Said {
        user_name,
        external_id: text("externalId", profile.external_id)?,
        display_name: text("displayName", profile.display_name)?,
        formatted_name: text("name.formatted", profile.formatted_name)?,
        given_name: text("name.givenName", profile.given_name)?,
        family_name: text("name.familyName", profile.family_name)?,
        emails,
        active: profile.active,
        role: text("roles.value", profile.role)?,
    })
}

fn text(field: &str, text: String) -> Result<String, Error> {
    if text.chars().count() > MAX_TEXT {
        let problem = format!("must have at most {MAX_TEXT} characters");
        return Err(refusal::invalid(format!("{field} {problem}"), field, &problem));
    }
    if text.chars().any(char::is_control) {
        let problem = "must not hold control characters such as line breaks";
        return Err(refusal::invalid(format!("{field} {problem}"), field, problem));
    }
    Ok(text)
}

impl Said {
    /// How an account is called of which the directory says this.
    pub(super) fn name(&self) -> String {
        let whole = format!("{} {}", self.given_name, self.family_name);
        let local = self.user_name.split('@').next().unwrap_or_default();
        let all = [self.display_name.as_str(), &self.formatted_name, &whole, local];
        let first = all.into_iter().map(str::trim).find(|name| !name.is_empty()).unwrap_or_default();
        first.chars().take(user::MAX_NAME).collect()
    }

    /// Which attributes say something else than these, by the names that SCIM has for them: of values nothing is told.
    pub(super) fn changed(&self, before: &Self) -> Vec<&'static str> {
        let name = |s: &Self| (s.formatted_name.clone(), s.given_name.clone(), s.family_name.clone());
        let all = [
            ("userName", self.user_name != before.user_name),
            ("externalId", self.external_id != before.external_id),
            ("displayName", self.display_name != before.display_name),
            ("name", name(self) != name(before)),
            ("emails", self.emails != before.emails),
            ("active", self.active != before.active),
            ("roles", self.role != before.role),
        ];
        all.into_iter().filter(|(_, differs)| *differs).map(|(attribute, _)| attribute).collect()
    }

    pub(super) fn to_proto(&self) -> pb::DirectoryProfile {
        let email = |email: &Email| pb::DirectoryEmail {
            value: email.value.clone(),
            r#type: email.r#type.clone(),
            primary: email.primary,
        };
        pb::DirectoryProfile {
            user_name: self.user_name.clone(),
            external_id: self.external_id.clone(),
            display_name: self.display_name.clone(),
            formatted_name: self.formatted_name.clone(),
            given_name: self.given_name.clone(),
            family_name: self.family_name.clone(),
            emails: self.emails.iter().map(email).collect(),
            active: self.active,
            role: self.role.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(display: &str, given: &str, family: &str) -> Said {
        Said {
            user_name: "ana@acme.example".to_owned(),
            display_name: display.to_owned(),
            given_name: given.to_owned(),
            family_name: family.to_owned(),
            ..Said::default()
        }
    }

    #[test]
    fn an_account_is_called_as_the_directory_calls_its_owner() {
        assert_eq!(said("Ana Lima", "A", "L").name(), "Ana Lima");
        assert_eq!(said(" ", "Ana", "Lima").name(), "Ana Lima");
        assert_eq!(said("", "Ana", "").name(), "Ana");
        assert_eq!(said("", "", "").name(), "ana");
    }

    #[test]
    fn changes_are_told_by_attribute_and_never_by_value() {
        let (before, after) = (said("Ana", "A", "L"), said("Bia", "A", "M"));
        assert_eq!(after.changed(&before), ["displayName", "name"]);
        assert_eq!(after.changed(&after), [""; 0]);
    }

    #[test]
    fn a_name_that_is_no_address_is_refused_with_what_it_must_be() {
        for user_name in ["", "ana", "ana@", "@acme.example", "ana lima@acme.example"] {
            let profile = pb::DirectoryProfile { user_name: user_name.to_owned(), ..Default::default() };
            let Err(Error::Input(failure)) = read(Some(profile)) else { panic!("{user_name:?} must be refused") };
            assert_eq!(failure.get("scim_type"), Some("invalidValue"), "{user_name:?}");
        }
        let profile = pb::DirectoryProfile { user_name: " ANA@Acme.example ".to_owned(), ..Default::default() };
        assert_eq!(read(Some(profile)).expect("an address").user_name, "ana@acme.example");
    }
}

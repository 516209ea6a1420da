//! A person as the protocol has them, and as identity does.

use super::{
    ROOT, error,
    shape::USER,
    value::{member, truth},
    version,
};
use crate::{api::time, app::App, error::Error};
use proto::{
    Failure,
    identity::{DirectoryEmail, DirectoryProfile, DirectoryUser},
};
use serde_json::{Map, Value, json};

/// As directories see somebody. Errors: identity's answer lacks something.
pub(super) fn show(app: &App, user: &DirectoryUser) -> Result<Value, Error> {
    let profile = user.profile.as_ref().ok_or_else(|| Error::incomplete("what a directory says"))?;
    let mut shown = json!({
        "schemas": [USER.urn],
        "id": user.user_id,
        "userName": profile.user_name,
        "active": profile.active,
        "meta": {
            "resourceType": USER.name,
            "created": time::always(user.created_at)?,
            "lastModified": time::always(user.updated_at)?,
            "location": app.config.address_of(&format!("{ROOT}/Users/{}", user.user_id)),
            "version": version::of(user.version),
        },
    });
    let mut put = |name: &str, value: Value| shown[name] = value;
    for (name, text) in [("externalId", &profile.external_id), ("displayName", &profile.display_name)] {
        if !text.is_empty() {
            put(name, json!(text));
        }
    }
    let parts = [
        ("formatted", &profile.formatted_name),
        ("givenName", &profile.given_name),
        ("familyName", &profile.family_name),
    ];
    let name: Map<_, _> = parts
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(part, text)| (part.to_owned(), json!(text)))
        .collect();
    if !name.is_empty() {
        put("name", Value::Object(name));
    }
    if !profile.emails.is_empty() {
        put("emails", profile.emails.iter().map(email).collect());
    }
    if !profile.role.is_empty() {
        put("roles", json!([{ "value": profile.role }]));
    }
    Ok(shown)
}

fn email(email: &DirectoryEmail) -> Value {
    let mut shown = json!({ "value": email.value });
    if !email.r#type.is_empty() {
        shown["type"] = json!(email.r#type);
    }
    if let Some(primary) = email.primary {
        shown["primary"] = json!(primary);
    }
    shown
}

/// What a directory says of somebody. Where it does not say whether they are active they are as `active` says. Errors:
/// `invalidValue`.
pub(super) fn read(resource: &Value, active: bool) -> Result<DirectoryProfile, Failure> {
    let name = member(resource, "name").filter(|name| !name.is_null());
    if name.is_some_and(|name| !name.is_object()) {
        return Err(error::value("name", "must be an object"));
    }
    let part = |part: &str| text(name.unwrap_or(&Value::Null), part, &format!("name.{part}"));
    let active = match member(resource, "active") {
        None | Some(Value::Null) => active,
        Some(value) => truth(value).ok_or_else(|| error::value("active", "must be true or false"))?,
    };
    let user_name = text(resource, "userName", "userName")?;
    if user_name.is_empty() {
        return Err(error::value("userName", "is required"));
    }
    Ok(DirectoryProfile {
        user_name,
        external_id: text(resource, "externalId", "externalId")?,
        display_name: text(resource, "displayName", "displayName")?,
        formatted_name: part("formatted")?,
        given_name: part("givenName")?,
        family_name: part("familyName")?,
        emails: several(resource, "emails")?.into_iter().map(read_email).collect::<Result<_, _>>()?,
        active,
        role: role(resource)?,
    })
}

fn text(of: &Value, name: &str, path: &str) -> Result<String, Failure> {
    match member(of, name) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(error::value(path, "must be a text")),
    }
}

fn several<'a>(of: &'a Value, name: &str) -> Result<Vec<&'a Value>, Failure> {
    match member(of, name) {
        None | Some(Value::Null) => Ok(vec![]),
        Some(Value::Array(items)) => Ok(items.iter().collect()),
        Some(_) => Err(error::value(name, "must be an array")),
    }
}

fn read_email(item: &Value) -> Result<DirectoryEmail, Failure> {
    let value = match item {
        Value::String(text) => text.clone(),
        item => text(item, "value", "emails.value")?,
    };
    let primary = match member(item, "primary") {
        None | Some(Value::Null) => None,
        Some(value) => Some(truth(value).ok_or_else(|| error::value("emails.primary", "must be true or false"))?),
    };
    Ok(DirectoryEmail { value, r#type: text(item, "type", "emails.type")?, primary })
}

/// A workspace gives one role: the only one, or the first choice of several.
fn role(of: &Value) -> Result<String, Failure> {
    let named = |item: &Value| match item {
        Value::String(text) => Ok(text.clone()),
        item => text(item, "value", "roles.value"),
    };
    let all = several(of, "roles")?;
    let chosen = all.iter().find(|item| member(item, "primary").and_then(truth) == Some(true));
    match (all.as_slice(), chosen) {
        ([], _) => Ok(String::new()),
        ([one], _) => named(one),
        (_, Some(chosen)) => named(chosen),
        _ => Err(error::value("roles", "must hold one role, or one that is primary: a member of a workspace has one")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_okta_sends_is_read() {
        let profile = read(
            &json!({
                "schemas": [USER.urn], "userName": "ana@acme.example", "externalId": "00u1", "displayName": "Ana Lima",
                "name": {"givenName": "Ana", "familyName": "Lima"}, "locale": "pt-BR", "groups": [], "password": "x",
                "emails": [{"primary": true, "value": "ana@acme.example", "type": "work"}], "active": true,
            }),
            false,
        )
        .expect("is taken");
        assert_eq!((profile.given_name.as_str(), profile.external_id.as_str()), ("Ana", "00u1"));
        assert_eq!((profile.active, profile.emails.len(), profile.role.as_str()), (true, 1, ""));
    }

    #[test]
    fn truth_is_a_text_to_entra() {
        let of = |active: Value| read(&json!({"userName": "a@b.c", "active": active}), true).map(|p| p.active);
        assert_eq!(of(json!("False")), Ok(false));
        assert_eq!(of(json!("true")), Ok(true));
        assert_eq!(of(Value::Null), Ok(true));
        assert!(of(json!("no")).is_err() && of(json!(0)).is_err());
    }

    #[test]
    fn a_member_has_one_role() {
        let of = |roles: Value| read(&json!({"userName": "a@b.c", "roles": roles}), true).map(|p| p.role);
        assert_eq!(of(json!([{"value": "admin"}])).as_deref(), Ok("admin"));
        assert_eq!(of(json!(["viewer"])).as_deref(), Ok("viewer"));
        assert_eq!(of(json!([{"value": "admin"}, {"value": "viewer", "primary": "True"}])).as_deref(), Ok("viewer"));
        assert_eq!(of(json!([])).as_deref(), Ok(""));
        assert!(of(json!(["admin", "viewer"])).is_err() && of(json!("admin")).is_err());
    }

    #[test]
    fn what_is_of_the_wrong_type_is_named() {
        for (resource, field) in [
            (json!({}), "userName"),
            (json!({"userName": 7}), "userName"),
            (json!({"userName": "a", "name": "Ana"}), "name"),
            (json!({"userName": "a", "name": {"givenName": 1}}), "name.givenName"),
            (json!({"userName": "a", "emails": "a"}), "emails"),
            (json!({"userName": "a", "emails": [{"value": 1}]}), "emails.value"),
        ] {
            let failure = read(&resource, true).expect_err("must be refused");
            assert_eq!(failure.fields.first().map(|(name, _)| name.as_str()), Some(field), "{resource}");
        }
    }
}

//! What filters mean.

use super::*;
use crate::scim::shape::{GROUP, USER};
use serde_json::json;

fn ana() -> Value {
    json!({
        "id": "usr_1", "externalId": "A-7", "userName": "ana@acme.example", "displayName": "Ana Lima", "active": true,
        "name": {"givenName": "Ana", "familyName": "Lima"},
        "emails": [
            {"value": "ana@acme.example", "type": "work", "primary": true},
            {"value": "ana@home.example", "type": "home"},
        ],
        "meta": {"lastModified": "2026-11-30T10:00:00Z"},
    })
}

fn is(text: &str) -> bool {
    means(&parse(text).expect(text), &ana(), &USER).expect(text)
}

fn refused(text: &str) -> String {
    let failure = match parse(text) {
        Err(failure) => failure,
        Ok(filter) => means(&filter, &ana(), &USER).expect_err(text),
    };
    assert_eq!(failure.get("scim_type"), Some("invalidFilter"), "{text}");
    failure.message
}

#[test]
fn people_are_found_by_everything_that_is_said_of_them() {
    for text in [
        r#"userName eq "ANA@acme.example""#,
        r#"USERNAME Eq "ana@acme.example""#,
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ana@acme.example""#,
        r#"externalId eq "A-7""#,
        r#"id eq "usr_1""#,
        r#"displayName co "lim""#,
        r#"displayName sw "ana" and displayName ew "LIMA""#,
        r#"name.familyName eq "lima""#,
        r#"emails eq "ana@home.example""#,
        r#"emails.type eq "home""#,
        r#"emails[type eq "work" and value co "@acme"]"#,
        r#"active eq true"#,
        r#"active eq "True""#,
        r#"not (active eq false)"#,
        r#"displayName pr"#,
        r#"nickName eq null"#,
        r#"nickName ne "x""#,
        r#"meta.lastModified gt "2026-11-30T06:59:59-03:00""#,
        r#"meta.lastModified le "2026-11-30T10:00:00.000Z""#,
        r#"(userName eq "nobody" or externalId eq "A-7") and active eq true"#,
    ] {
        assert!(is(text), "{text}");
    }
}

#[test]
fn who_is_not_meant_is_not_found() {
    for text in [
        r#"externalId eq "a-7""#,
        r#"emails[type eq "home" and value co "@acme"]"#,
        r#"nickName pr"#,
        r#"active eq false"#,
        r#"displayName eq null"#,
        r#"userName ne "ana@acme.example""#,
        r#"meta.lastModified lt "2026-11-30T10:00:00Z""#,
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:userName pr"#,
        r#"userName eq 7"#,
    ] {
        assert!(!is(text), "{text}");
    }
}

#[test]
fn what_cannot_be_read_or_compared_is_refused_with_a_reason() {
    for text in ["", "userName", "userName eq", r#"userName like "a""#, r#"userName eq "a" and"#, "(((("] {
        assert!(refused(text).contains("cannot be read"), "{text}");
    }
    assert!(refused("active gt true").contains("eq and ne only"));
    assert!(refused("nickName gt null").contains("eq and ne only"));
}

#[test]
fn bombs_do_not_go_off() {
    assert!(refused(&format!(r#"userName eq "{}""#, "a".repeat(MAX_LENGTH))).contains("longer"));
    let deep = format!("{}active pr{}", "not (".repeat(600), ")".repeat(600));
    assert!(refused(&deep[..]).contains("cannot be read"));
    let wide = vec!["id pr"; MAX_TERMS + 1].join(" or ");
    assert!(refused(&wide).contains("comparisons"));
    assert!(means(&parse(&vec!["nickName pr"; MAX_TERMS].join(" or ")).expect("fits"), &ana(), &USER).is_ok());
}

#[test]
fn what_can_be_looked_up_is_not_searched() {
    let of = |text: &str| narrow(&parse(text).expect(text), &USER);
    let name = Some("Ana@acme.example".to_owned());
    let exact = Narrow { user_name: name.clone(), is_all: true, ..Narrow::default() };
    assert_eq!(of(r#"userName eq "Ana@acme.example""#), exact);
    let partly = Narrow { user_name: name, is_all: false, ..Narrow::default() };
    assert_eq!(of(r#"userName eq "Ana@acme.example" and active eq true"#), partly);
    assert_eq!(of(r#"userName eq "a" or active eq true"#), Narrow::default());
    assert_eq!(of(r#"userName sw "a""#), Narrow::default());
    let twice = of(r#"externalId eq "a" and externalId eq "b""#);
    assert_eq!((twice.external_id.as_deref(), twice.is_all), (Some("a"), false));
    assert_eq!(narrow(&parse(r#"displayName eq "x""#).expect("a filter"), &GROUP).display_name.as_deref(), Some("x"));
}

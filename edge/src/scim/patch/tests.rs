//! Changes in the words of those who send them.

use super::*;
use crate::scim::shape::{GROUP, Shape, USER};
use proto::Failure;
use serde_json::{Value, json};

fn ana() -> Value {
    json!({
        "id": "usr_1", "userName": "ana@acme.example", "displayName": "Ana", "active": true,
        "name": {"givenName": "Ana", "familyName": "Lima"},
        "emails": [{"value": "ana@acme.example", "type": "work", "primary": true}],
    })
}

fn team() -> Value {
    json!({"displayName": "Legal", "members": [{"value": "usr_1"}, {"value": "usr_2"}, {"value": "usr_3"}]})
}

fn patched(of: &Value, shape: &Shape, operations: Value) -> Result<Value, Failure> {
    let operations = read(&json!({ "Operations": operations }), shape)?;
    apply(of, &operations, shape)
}

fn user(operations: Value) -> Value {
    patched(&ana(), &USER, operations).expect("is taken")
}

fn refused(of: &Value, shape: &Shape, operations: Value) -> String {
    let failure = patched(of, shape, operations).expect_err("must be refused");
    failure.get("scim_type").unwrap_or_default().to_owned()
}

#[test]
fn entra_switches_people_off_with_a_text_and_a_capital_letter() {
    let after = user(json!([{"op": "Replace", "path": "active", "value": "False"}]));
    assert_eq!(after["active"], "False", "read as false by what takes it");
    let after = user(json!([{"op": "replace", "value": {"active": false}}]));
    assert_eq!(after["active"], false);
}

#[test]
fn entra_names_paths_as_members_of_a_value() {
    let after = user(json!([{"op": "Add", "value": {
        "displayName": "Ana L.", "name.givenName": "Ana Maria",
        "emails[type eq \"work\"].value": "ana.lima@acme.example",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": "Sales",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"costCenter": "7"},
    }}]));
    assert_eq!(after["displayName"], "Ana L.");
    assert_eq!(after["name"], json!({"givenName": "Ana Maria", "familyName": "Lima"}));
    assert_eq!(after["emails"], json!([{"value": "ana.lima@acme.example", "type": "work", "primary": true}]));
    assert_eq!(after.as_object().expect("an object").len(), ana().as_object().expect("an object").len());
}

#[test]
fn entra_makes_values_that_it_does_not_find() {
    let after = user(json!([{"op": "Add", "path": "emails[type eq \"home\"].value", "value": "ana@home.example"}]));
    assert_eq!(after["emails"][1], json!({"value": "ana@home.example", "type": "home"}));
    let no_target = json!([{"op": "replace", "path": "emails[value sw \"x\"].value", "value": "y"}]);
    assert_eq!(refused(&ana(), &USER, no_target), "noTarget");
}

#[test]
fn okta_sends_one_attribute_without_a_path() {
    let after = user(json!([{"op": "replace", "value": {"active": false}}]));
    assert_eq!((after["active"].clone(), after["userName"].clone()), (json!(false), json!("ana@acme.example")));
    let after = patched(&team(), &GROUP, json!([{"op": "replace", "value": {"id": "team_1", "displayName": "Law"}}]));
    assert_eq!(after.expect("is taken")["displayName"], "Law");
}

#[test]
fn members_come_and_go_in_every_way() {
    let ids = |after: Value| -> Vec<String> {
        let members = after["members"].as_array().cloned().unwrap_or_default();
        members.iter().map(|m| m["value"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let of = |operations| ids(patched(&team(), &GROUP, operations).expect("is taken"));
    let add = json!([{"op": "Add", "path": "members", "value": [{"value": "usr_4"}, {"value": "usr_1"}]}]);
    assert_eq!(of(add), ["usr_1", "usr_2", "usr_3", "usr_4"]);
    let one = json!([{"op": "remove", "path": "members[value eq \"usr_2\"]"}]);
    assert_eq!(of(one), ["usr_1", "usr_3"]);
    // Who is not there is gone already.
    assert_eq!(of(json!([{"op": "remove", "path": "members[value eq \"usr_9\"]"}])).len(), 3);
    let entra = json!([{"op": "Remove", "path": "members", "value": [{"value": "usr_1"}, {"value": "usr_3"}]}]);
    assert_eq!(of(entra), ["usr_2"]);
    let replace = json!([{"op": "replace", "path": "members", "value": [{"value": "usr_7"}]}]);
    assert_eq!(of(replace), ["usr_7"]);
    assert_eq!(of(json!([{"op": "remove", "path": "members"}])), [""; 0]);
    let other_case = json!([{"op": "remove", "path": "members[value eq \"USR_2\"]"}]);
    assert_eq!(of(other_case).len(), 3, "ids are what they are");
}

#[test]
fn parts_are_set_and_taken_away_one_by_one() {
    let after = user(json!([
        {"op": "remove", "path": "name.familyName"},
        {"op": "add", "path": "name", "value": {"formatted": "Ana"}},
        {"op": "remove", "path": "displayName"},
        {"op": "add", "path": "urn:ietf:params:scim:schemas:core:2.0:User:externalId", "value": "7"},
    ]));
    assert_eq!(after["name"], json!({"givenName": "Ana", "formatted": "Ana"}));
    assert_eq!((after.get("displayName"), after["externalId"].clone()), (None, json!("7")));
    let gone = user(json!([{"op": "remove", "path": "name.givenName"}, {"op": "remove", "path": "name.familyName"}]));
    assert_eq!(gone.get("name"), None);
    assert_eq!(user(json!([{"op": "replace", "path": "emails", "value": null}])).get("emails"), None);
}

#[test]
fn one_value_at_most_is_the_first_choice() {
    let value = json!([{"value": "a@home.example", "type": "home", "primary": true}]);
    let after = user(json!([{"op": "add", "path": "emails", "value": value}]));
    assert_eq!(
        (after["emails"][0]["primary"].clone(), after["emails"][1]["primary"].clone()),
        (json!(false), json!(true))
    );
}

#[test]
fn what_cannot_be_changed_is_refused_in_the_words_of_the_protocol() {
    let of = |operation: Value| refused(&ana(), &USER, json!([operation]));
    assert_eq!(of(json!({"op": "replace", "path": "id", "value": "usr_2"})), "mutability");
    assert_eq!(of(json!({"op": "remove", "path": "userName"})), "mutability");
    assert_eq!(of(json!({"op": "replace", "path": "nonsense", "value": 1})), "invalidPath");
    assert_eq!(of(json!({"op": "replace", "path": "emails[", "value": 1})), "invalidPath");
    assert_eq!(of(json!({"op": "move", "path": "active", "value": 1})), "invalidSyntax");
    assert_eq!(of(json!({"op": "remove"})), "noTarget");
    assert_eq!(of(json!({"op": "add", "path": "displayName"})), "invalidSyntax");
    assert_eq!(of(json!({"op": "add", "value": "x"})), "invalidSyntax");
    assert_eq!(of(json!({"op": "add", "path": "name", "value": "x"})), "invalidValue");
    assert_eq!(refused(&ana(), &USER, json!([])), "invalidSyntax");
    assert_eq!(refused(&ana(), &USER, json!({})), "invalidSyntax");
}

#[test]
fn a_change_that_would_never_end_is_refused() {
    let many: Vec<Value> = (0..1_001).map(|_| json!({"op": "remove", "path": "displayName"})).collect();
    assert_eq!(refused(&ana(), &USER, json!(many)), "tooMany");
    let members: Vec<Value> = (0..5_000).map(|n| json!({"value": format!("usr_{n}")})).collect();
    let team = json!({"displayName": "All", "members": members});
    let looks: Vec<Value> = (0..1_000).map(|_| json!({"op": "remove", "path": "members[value eq \"x\"]"})).collect();
    assert_eq!(refused(&team, &GROUP, json!(looks)), "tooMany");
    let team = |n: usize| {
        let members: Vec<Value> = (0..n).map(|n| json!({"value": format!("usr_{n}")})).collect();
        json!({"displayName": "All", "members": members})
    };
    let times = |n: usize, operation: Value| Value::Array(vec![operation; n]);
    let nobody = json!({"op": "remove", "path": "members", "value": [{"value": "usr_x"}]});
    assert!(patched(&team(4_000), &GROUP, times(40, nobody.clone())).is_ok());
    assert_eq!(refused(&team(4_000), &GROUP, times(60, nobody)), "tooMany", "also where no filter is said");
    let either = json!({"op": "remove", "path": "members[value eq \"x\" or value eq \"y\"]"});
    assert_eq!(refused(&team(4_000), &GROUP, times(30, either)), "tooMany", "each comparison counts");
    let one_more = json!([{"op": "add", "path": "members", "value": [{"value": "usr_x"}]}]);
    assert!(patched(&team(4_999), &GROUP, one_more.clone()).is_ok());
    assert_eq!(refused(&team(5_000), &GROUP, one_more), "tooMany");
    let team = team(5_000);
    let wide = vec!["value eq \"x\""; 17].join(" or ");
    assert_eq!(refused(&team, &GROUP, json!([{"op": "remove", "path": format!("members[{wide}]")}])), "invalidPath");
}

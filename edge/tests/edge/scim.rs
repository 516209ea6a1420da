//! Directories: SCIM 2.0 in the words of those who speak it.

use crate::{
    ask::{Answer, Edge, bearer, ok, request},
    fake::{ANA, TEAM, TOKEN},
};
use axum::body::Body;
use edge::Config;
use http::header::{CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH};
use serde_json::{Value, json};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

impl Edge {
    async fn scim(&self, method: &str, path: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
        self.scim_as(&self.fakes.directory_key, method, path, body, headers).await
    }

    async fn scim_as(&self, key: &str, method: &str, path: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
        let mut sent = request(method, &format!("/scim/v2{path}")).header("authorization", bearer(key));
        sent = sent.header(CONTENT_TYPE, "application/scim+json; charset=utf-8");
        for (name, value) in headers {
            sent = sent.header(*name, *value);
        }
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        self.send(sent.body(body).unwrap()).await
    }

    async fn patch_ana(&self, operations: Value) -> Answer {
        let body = json!({ "schemas": [PATCH], "Operations": operations });
        self.scim("PATCH", &format!("/Users/{ANA}"), &body, &[]).await
    }

    async fn found(&self, filter: &str) -> Vec<String> {
        let answer = self.scim("GET", &format!("/Users?filter={}", encoded(filter)), &Value::Null, &[]).await;
        ok(&answer);
        let resources = answer.json()["Resources"].as_array().expect("resources").clone();
        resources.iter().map(|user| user["userName"].as_str().expect("a name").to_owned()).collect()
    }
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { (b as char).to_string() } else { format!("%{b:02X}") })
        .collect()
}

/// An error in the protocol's shape.
#[track_caller]
fn refused(answer: &Answer, status: u16, scim_type: Option<&str>) -> String {
    assert_eq!((answer.status, answer.header("content-type")), (status, "application/scim+json"), "{answer:?}");
    let error = answer.json();
    assert_eq!(error["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(error["status"], status.to_string());
    assert_eq!(error.get("scimType").and_then(Value::as_str), scim_type, "{error}");
    error["detail"].as_str().expect("a detail").to_owned()
}

#[tokio::test]
async fn somebody_is_brought_shown_changed_and_taken_away() {
    let edge = Edge::with(Config { public_url: Some("https://api.example.com".into()), ..Config::default() });
    let body = json!({
        "schemas": [USER, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        "userName": "bia@acme.example", "externalId": "7", "NAME": {"givenName": "Bia"}, "title": "CTO",
        "emails": [{"value": "bia@acme.example", "type": "work", "primary": true}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "R&D"},
    });
    let made = edge.scim("POST", "/Users", &body, &[]).await;
    assert_eq!((made.status, made.header("content-type")), (201, "application/scim+json"), "{made:?}");
    let bia = made.json();
    let id = bia["id"].as_str().expect("an id");
    assert_eq!(made.header("location"), format!("https://api.example.com/scim/v2/Users/{id}"));
    assert_eq!((made.header("etag"), &bia["meta"]["version"]), ("W/\"1\"", &json!("W/\"1\"")));
    assert_eq!(made.header("cache-control"), "no-store");
    assert_eq!((&bia["active"], &bia["name"]), (&json!(true), &json!({"givenName": "Bia"})));
    assert_eq!(bia["meta"]["resourceType"], "User");
    assert_eq!(bia.get("title"), None, "nobody keeps it");
    assert!(edge.fakes.last("create_directory_user").request.contains("bia@acme.example"));

    let path = format!("/Users/{id}");
    let shown = edge.scim("GET", &path, &Value::Null, &[]).await;
    assert_eq!(shown.json(), bia);
    let part = edge.scim("GET", &format!("{path}?attributes=userName"), &Value::Null, &[]).await;
    assert_eq!(part.json(), json!({"schemas": [USER], "id": id, "userName": "bia@acme.example"}));
    let same = edge.scim("GET", &path, &Value::Null, &[(IF_NONE_MATCH.as_str(), "W/\"1\"")]).await;
    assert_eq!((same.status, same.body.len()), (304, 0));

    let replaced = json!({"schemas": [USER], "userName": "bia@acme.example", "displayName": "Bia"});
    let after = edge.scim("PUT", &path, &replaced, &[]).await;
    ok(&after);
    assert_eq!(after.header("etag"), "W/\"2\"");
    assert_eq!((after.json().get("externalId"), &after.json()["displayName"]), (None, &json!("Bia")));
    let gone = edge.scim("DELETE", &path, &Value::Null, &[]).await;
    assert_eq!((gone.status, gone.body.len()), (204, 0));
    refused(&edge.scim("GET", &path, &Value::Null, &[]).await, 404, None);
    refused(&edge.scim("GET", "/Users/nobody", &Value::Null, &[]).await, 404, None);
    refused(&edge.scim("GET", "/nowhere", &Value::Null, &[]).await, 404, None);
}

#[tokio::test]
async fn what_replaces_somebody_does_not_switch_them_on_or_off_by_saying_nothing() {
    let edge = Edge::new();
    ok(&edge.patch_ana(json!([{"op": "Replace", "path": "active", "value": "False"}])).await);
    let body = json!({"schemas": [USER], "userName": "ana@acme.example"});
    let after = edge.scim("PUT", &format!("/Users/{ANA}"), &body, &[]).await;
    assert_eq!(after.json()["active"], false);
    let body = json!({"schemas": [USER], "userName": "ana@acme.example", "active": true});
    assert_eq!(edge.scim("PUT", &format!("/Users/{ANA}"), &body, &[]).await.json()["active"], true);
}

#[tokio::test]
async fn changes_are_made_of_the_version_that_was_read() {
    let edge = Edge::new();
    let patch = json!({"schemas": [PATCH], "Operations": [{"op": "replace", "path": "displayName", "value": "A"}]});
    let path = format!("/Users/{ANA}");
    let with = async |tag: &str| edge.scim("PATCH", &path, &patch, &[(IF_MATCH.as_str(), tag)]).await;
    let late = with("W/\"9\"").await;
    assert!(refused(&late, 412, None).contains("changed"));
    refused(&with("\"nonsense\"").await, 412, None);
    assert_eq!(with("W/\"1\"").await.header("etag"), "W/\"2\"");
    refused(&with("W/\"1\"").await, 412, None);
    ok(&with("*").await);
    // Without a version the change is made again, of what somebody else has made of it.
    edge.fakes.directory.lock().unwrap().overtaken = 3;
    let after = edge.scim("PATCH", &path, &patch, &[]).await;
    ok(&after);
    assert_eq!(after.json()["displayName"], "A");
    edge.fakes.directory.lock().unwrap().overtaken = 100;
    let again = json!({"schemas": [PATCH], "Operations": [{"op": "replace", "path": "displayName", "value": "B"}]});
    refused(&edge.scim("PATCH", &path, &again, &[]).await, 412, None);
    let deleted = edge.scim("DELETE", &path, &Value::Null, &[(IF_MATCH.as_str(), "W/\"7\"")]).await;
    assert_eq!(deleted.status, 204);
    assert!(edge.fakes.last("delete_directory_user").request.contains("version: 7"));
}

#[tokio::test]
async fn people_are_looked_up_where_they_can_be_and_searched_where_not() {
    let edge = Edge::new();
    for (n, name) in ["bia", "cid", "davi"].into_iter().enumerate() {
        edge.fakes.directory.lock().unwrap().has(u32::try_from(n).expect("a few"), name);
    }
    assert_eq!(edge.found("userName eq \"BIA@acme.example\"").await, ["bia@acme.example"]);
    assert!(edge.fakes.last("list_directory_users").request.contains("BIA@acme.example"), "it is looked up");
    assert_eq!(edge.found("externalId eq \"ext-1\"").await, ["cid@acme.example"]);
    assert_eq!(edge.found(&format!("id eq \"{ANA}\"")).await, ["ana@acme.example"]);
    assert_eq!(edge.found("userName sw \"c\" or displayName eq \"Davi\"").await.len(), 2);
    assert_eq!(edge.found("userName eq \"bia@acme.example\" and active eq false").await, [""; 0]);
    assert_eq!(edge.found("meta.lastModified gt \"2020-01-01T00:00:00Z\"").await.len(), 4);

    let page = edge.scim("GET", "/Users?startIndex=2&count=2&aadOptscim062020", &Value::Null, &[]).await.json();
    assert_eq!((&page["totalResults"], &page["startIndex"], &page["itemsPerPage"]), (&json!(4), &json!(2), &json!(2)));
    let none = edge.scim("GET", "/Users?count=0", &Value::Null, &[]).await.json();
    assert_eq!((&none["totalResults"], &none["Resources"]), (&json!(4), &json!([])));
    let body = json!({"schemas": [SEARCH], "filter": "displayName pr", "count": 1, "attributes": ["displayName"]});
    let searched = edge.scim("POST", "/Users/.search", &body, &[]).await.json();
    assert_eq!((&searched["totalResults"], searched["Resources"][0].get("userName")), (&json!(4), None));

    for filter in ["userName like \"x\"", "active gt true", &"(".repeat(100), &"x".repeat(5_000)] {
        let answer = edge.scim("GET", &format!("/Users?filter={}", encoded(filter)), &Value::Null, &[]).await;
        refused(&answer, 400, Some("invalidFilter"));
    }
    let both = edge.scim("GET", "/Users?attributes=id&excludedAttributes=id", &Value::Null, &[]).await;
    refused(&both, 400, Some("invalidValue"));
}

#[tokio::test]
async fn entra_and_okta_are_understood() {
    let edge = Edge::new();
    let after = edge
        .patch_ana(json!([
            {"op": "Add", "path": "name.givenName", "value": "Ana"},
            {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "ana@acme.example"},
            {"op": "Add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "value": "Law"},
            {"op": "Replace", "value": {"displayName": "Ana L.", "name.familyName": "Lima", "active": "True"}},
        ]))
        .await;
    ok(&after);
    let ana = after.json();
    assert_eq!(ana["name"], json!({"givenName": "Ana", "familyName": "Lima"}));
    assert_eq!(ana["emails"], json!([{"value": "ana@acme.example", "type": "work"}]));
    assert_eq!((&ana["displayName"], &ana["active"]), (&json!("Ana L."), &json!(true)));
    let off = edge.patch_ana(json!([{"op": "replace", "value": {"active": false}}])).await;
    assert_eq!(off.json()["active"], false);
    let silent = edge.patch_ana(json!([{"op": "remove", "path": "active"}])).await;
    assert_eq!(silent.json()["active"], false, "who is off stays off");
    for (operation, scim_type) in [
        (json!({"op": "replace", "path": "id", "value": "x"}), "mutability"),
        (json!({"op": "remove", "path": "userName"}), "mutability"),
        (json!({"op": "replace", "path": "userName", "value": ""}), "invalidValue"),
        (json!({"op": "replace", "path": "active", "value": "perhaps"}), "invalidValue"),
        (json!({"op": "replace", "path": "emails[type eq", "value": "x"}), "invalidPath"),
        (json!({"op": "jump", "path": "active", "value": "x"}), "invalidSyntax"),
    ] {
        refused(&edge.patch_ana(json!([operation])).await, 400, Some(scim_type));
    }
}

#[tokio::test]
async fn groups_are_teams_and_their_members_people_whom_the_directory_has() {
    let edge = Edge::new();
    let path = format!("/Groups/{TEAM}");
    let shown = edge.scim("GET", &path, &Value::Null, &[]).await;
    ok(&shown);
    let team = shown.json();
    assert_eq!((&team["displayName"], &team["externalId"]), (&json!("Research"), &json!("8f2e")));
    assert_eq!(team["members"], json!([{"value": ANA, "type": "User", "$ref": format!("/scim/v2/Users/{ANA}")}]));
    assert_eq!(
        (shown.header("etag"), &team["schemas"]),
        (team["meta"]["version"].as_str().expect("one"), &json!([GROUP]))
    );
    let without = edge.scim("GET", &format!("{path}?excludedAttributes=members"), &Value::Null, &[]).await.json();
    assert_eq!((without.get("members"), &without["displayName"]), (None, &json!("Research")));
    let filter = encoded("displayName eq \"Research\"");
    let found = edge.scim("GET", &format!("/Groups?filter={filter}"), &Value::Null, &[]).await.json();
    assert_eq!(found["Resources"][0]["id"], TEAM);
    assert!(edge.fakes.last("list_teams").request.contains("Research"), "it is looked up");
    let with_ana = encoded(&format!("members.value eq \"{ANA}\""));
    let found = edge.scim("GET", &format!("/Groups?filter={with_ana}"), &Value::Null, &[]).await.json();
    assert!(found["totalResults"].as_i64().is_some_and(|total| total > 0), "{found}");

    let patch = async |operations: Value, headers: &[(&str, &str)]| {
        edge.scim("PATCH", &path, &json!({"schemas": [PATCH], "Operations": operations}), headers).await
    };
    // Entra, and Okta.
    ok(&patch(json!([{"op": "Remove", "path": "members", "value": [{"value": ANA}]}]), &[]).await);
    assert!(edge.fakes.last("remove_team_member").request.contains(ANA));
    ok(&patch(json!([{"op": "replace", "value": {"id": TEAM, "displayName": "Law"}}]), &[]).await);
    assert!(edge.fakes.last("update_team").request.contains("Law"));
    let stranger = json!([{"op": "add", "path": "members", "value": [{"value": "usr_01k9tq6j3se5mb1pt2xdv6q3k0"}]}]);
    let refusal = refused(&patch(stranger, &[]).await, 400, Some("invalidValue"));
    assert!(refusal.contains("usr_01k9tq6j3se5mb1pt2xdv6q3k0"), "{refusal}");
    assert!(!edge.fakes.was_called("add_team_member"));
    refused(&patch(json!([{"op": "remove", "path": "members"}]), &[(IF_MATCH.as_str(), "W/\"1\"")]).await, 412, None);
    let many: Vec<Value> = (0..5_001).map(|n| json!({"value": format!("usr_{n}")})).collect();
    let whole = json!({"schemas": [GROUP], "displayName": "All", "members": many});
    refused(&edge.scim("PUT", &path, &whole, &[]).await, 400, Some("tooMany"));
    let person = edge.scim_as(TOKEN, "DELETE", &path, &Value::Null, &[]).await;
    assert!(refused(&person, 403, None).contains("API key"));
    assert_eq!(edge.scim("DELETE", &path, &Value::Null, &[]).await.status, 204);
    refused(&edge.scim("GET", "/Groups/team_nobody", &Value::Null, &[]).await, 404, None);
    let made = json!({"schemas": [GROUP], "displayName": "New", "members": [{"value": ANA}]});
    assert_eq!(edge.scim("POST", "/Groups", &made, &[]).await.status, 201);
    assert!(edge.fakes.last("replace_team_members").request.contains(ANA));
}

#[tokio::test]
async fn who_may_not_change_people_is_told_so_before_a_change_is_worked_out() {
    let edge = Edge::new();
    let operations = json!([{"op": "replace", "path": "displayName", "value": "A"}]);
    let body = json!({"schemas": [PATCH], "Operations": operations});
    for path in [format!("/Users/{ANA}"), format!("/Groups/{TEAM}")] {
        let answer = edge.scim_as(&edge.fakes.key, "PATCH", &path, &body, &[]).await;
        assert!(refused(&answer, 403, None).contains("members.write"), "{path}");
    }
    assert!(!edge.fakes.was_called("get_directory_user") && !edge.fakes.was_called("get_team"));
}

#[tokio::test]
async fn a_group_with_a_hundred_thousand_members_is_refused_before_it_is_read() {
    let edge = Edge::new();
    let many: Vec<Value> = (0..100_000).map(|n| json!({"value": format!("usr_{n:026}")})).collect();
    let operations = json!([{"op": "add", "path": "members", "value": many}]);
    let body = json!({"schemas": [PATCH], "Operations": operations});
    refused(&edge.scim("PATCH", &format!("/Groups/{TEAM}"), &body, &[]).await, 413, None);
}

#[tokio::test]
async fn what_is_no_document_of_the_protocol_is_refused_in_its_words() {
    let edge = Edge::new();
    let post = async |body: &str, kind: &str| {
        let sent = request("POST", "/scim/v2/Users").header("authorization", bearer(TOKEN)).header(CONTENT_TYPE, kind);
        edge.send(sent.body(Body::from(body.to_owned())).unwrap()).await
    };
    let scim = "application/scim+json";
    refused(&post("{", scim).await, 400, Some("invalidSyntax"));
    refused(&post("[]", scim).await, 400, Some("invalidSyntax"));
    refused(&post("{}", scim).await, 400, Some("invalidValue"));
    refused(&post("{}", "text/plain").await, 415, None);
    let twice = format!(r#"{{"schemas":["{USER}"],"userName":"a@acme.example","USERNAME":"b@acme.example"}}"#);
    refused(&post(&twice, scim).await, 400, Some("invalidSyntax"));
    let fine = format!(r#"{{"schemas":["{USER}"],"userName":"eva@acme.example"}}"#);
    assert_eq!(post(&fine, "application/json").await.status, 201);
    refused(&post(&fine, scim).await, 409, Some("uniqueness"));
    let huge = format!(r#"{{"schemas":["{USER}"],"userName":"{}"}}"#, "x".repeat(2 * 1024 * 1024));
    refused(&post(&huge, scim).await, 413, None);
    let nobody = request("GET", "/scim/v2/Users").body(Body::empty()).unwrap();
    let answer = edge.send(nobody).await;
    refused(&answer, 401, None);
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    let other = edge.scim("DELETE", "/Schemas", &Value::Null, &[]).await;
    refused(&other, 405, None);
}

#[tokio::test]
async fn what_is_offered_is_said_and_what_is_not_is_refused() {
    let edge = Edge::new();
    let config = edge.scim("GET", "/ServiceProviderConfig", &Value::Null, &[]).await.json();
    let offered = |name: &str| config[name]["supported"] == true;
    let all = ["patch", "filter", "etag", "bulk", "sort", "changePassword"].map(offered);
    assert_eq!(all, [true, true, true, false, false, false]);
    let types = edge.scim("GET", "/ResourceTypes", &Value::Null, &[]).await.json();
    let schemas = edge.scim("GET", "/Schemas", &Value::Null, &[]).await.json();
    assert_eq!(types["totalResults"], schemas["totalResults"]);
    for of in types["Resources"].as_array().expect("types") {
        let urn = of["schema"].as_str().expect("a schema");
        assert_eq!(edge.scim("GET", &format!("/Schemas/{urn}"), &Value::Null, &[]).await.json()["id"], urn);
        let name = of["name"].as_str().expect("a name");
        assert_eq!(&edge.scim("GET", &format!("/ResourceTypes/{name}"), &Value::Null, &[]).await.json(), of);
    }
    for (method, path) in [("POST", "/Bulk"), ("POST", "/.search"), ("GET", "/Me"), ("PATCH", "/Me")] {
        refused(&edge.scim(method, path, &json!({}), &[]).await, 501, None);
    }
}

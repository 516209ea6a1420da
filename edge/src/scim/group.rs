//! A team as the protocol has groups, and as the workspace service does.

use super::{ROOT, error, shape::GROUP, value::member, version};
use crate::{
    api::time,
    app::App,
    error::{Error, Result},
};
use proto::{
    Call, Failure,
    identity::ListDirectoryUsersRequest,
    workspace::{ListTeamMembersRequest, Team},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// How many people a team may have.
pub(super) const MOST_MEMBERS: usize = 5_000;
const PAGE: i32 = 200;
/// How many ids are asked for at once.
const CHUNK: usize = 500;

/// What a directory says of a group.
pub(super) struct Said {
    pub(super) name: String,
    pub(super) external_id: String,
    /// None: nothing was said of them.
    pub(super) members: Option<BTreeSet<String>>,
}

/// Who is in a team.
#[derive(Default)]
pub(super) struct Members {
    /// Whom the directory has: it is shown these alone.
    pub(super) shown: BTreeSet<String>,
    /// Whom somebody else has put there. They stay, whatever the directory says.
    pub(super) others: BTreeSet<String>,
}

/// The version of a team: when it changed last.
pub(super) fn version_of(team: &Team) -> Result<i64> {
    Ok(time::always(team.updated_at)?.timestamp_micros())
}

/// As directories see a team. Without members where nobody asked for them.
pub(super) fn show(app: &App, team: &Team, members: Option<&Members>) -> Result<Value> {
    let mut shown = json!({
        "schemas": [GROUP.urn],
        "id": team.id,
        "displayName": team.name,
        "meta": {
            "resourceType": GROUP.name,
            "created": time::always(team.created_at)?,
            "lastModified": time::always(team.updated_at)?,
            "location": app.config.address_of(&format!("{ROOT}/Groups/{}", team.id)),
            "version": version::of(version_of(team)?),
        },
    });
    if !team.external_id.is_empty() {
        shown["externalId"] = json!(team.external_id);
    }
    if let Some(members) = members.filter(|members| !members.shown.is_empty()) {
        let one = |id: &String| {
            let at = app.config.address_of(&format!("{ROOT}/Users/{id}"));
            json!({ "value": id, "type": "User", "$ref": at })
        };
        shown["members"] = members.shown.iter().map(one).collect();
    }
    Ok(shown)
}

/// Who is in a team, and whom of them the directory has.
pub(super) async fn members(app: &App, call: &Call, team: &str) -> Result<Members> {
    let mut request = ListTeamMembersRequest { team_id: team.to_owned(), page_size: PAGE, ..Default::default() };
    let mut all = BTreeSet::new();
    loop {
        let page = app.services.workspaces.list_team_members(call, request.clone()).await?;
        all.extend(page.members.into_iter().map(|member| member.user_id));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    let shown = known(app, call, &all).await?;
    let others = all.difference(&shown).cloned().collect();
    Ok(Members { shown, others })
}

/// Whom of these people the directory has.
pub(super) async fn known(app: &App, call: &Call, ids: &BTreeSet<String>) -> Result<BTreeSet<String>> {
    let all: Vec<&String> = ids.iter().collect();
    let mut known = BTreeSet::new();
    for chunk in all.chunks(CHUNK) {
        let limit = i32::try_from(CHUNK).unwrap_or(PAGE);
        let user_ids = chunk.iter().map(|id| (*id).clone()).collect();
        let request = ListDirectoryUsersRequest { limit, user_ids, ..ListDirectoryUsersRequest::default() };
        let found = app.services.identity.list_directory_users(call, request).await?;
        known.extend(found.users.into_iter().map(|user| user.user_id));
    }
    Ok(known)
}

/// Goes on if the directory has all of these. Errors: `invalidValue`.
pub(super) async fn must_be_known(app: &App, call: &Call, ids: &BTreeSet<String>) -> Result<()> {
    let known = known(app, call, ids).await?;
    match ids.difference(&known).next() {
        None => Ok(()),
        Some(stranger) => {
            let why = format!("must be people whom the directory has, and {stranger} is none: create them first");
            Err(Error::from(error::value("members", &why)))
        }
    }
}

/// What a directory says of a group. Errors: `invalidValue`, `tooMany`.
pub(super) fn read(resource: &Value) -> Result<Said, Failure> {
    let text = |name: &str| match member(resource, name) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(error::value(name, "must be a text")),
    };
    let name = text("displayName")?;
    if name.trim().is_empty() {
        return Err(error::value("displayName", "is required"));
    }
    let members = match member(resource, "members") {
        None => None,
        Some(Value::Null) => Some(BTreeSet::new()),
        Some(Value::Array(items)) if items.len() > MOST_MEMBERS => {
            return Err(error::too_many(format!("a group has at most {MOST_MEMBERS} members")));
        }
        Some(Value::Array(items)) => Some(items.iter().map(id).collect::<Result<_, _>>()?),
        Some(_) => return Err(error::value("members", "must be an array")),
    };
    Ok(Said { name, external_id: text("externalId")?, members })
}

fn id(item: &Value) -> Result<String, Failure> {
    if member(item, "type").and_then(Value::as_str).is_some_and(|kind| kind.eq_ignore_ascii_case("Group")) {
        return Err(error::value("members", "must be people: groups within groups are not offered"));
    }
    let value = member(item, "value").unwrap_or(item).as_str();
    value.map(str::to_owned).ok_or_else(|| error::value("members.value", "must be the id of a user"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_a_group_is_read() {
        let said = read(&json!({"displayName": "Legal", "members": [{"value": "usr_1", "display": "Ana"}, "usr_2"]}));
        let said = said.expect("is taken");
        assert_eq!(said.members, Some(["usr_1", "usr_2"].map(str::to_owned).into()));
        assert_eq!(read(&json!({"displayName": "Legal"})).expect("is taken").members, None);
        assert_eq!(read(&json!({"displayName": "Legal", "members": null})).expect("is taken").members, Some([].into()));
    }

    #[test]
    fn what_cannot_be_a_group_is_refused() {
        let many: Vec<Value> = (0..=MOST_MEMBERS).map(|n| json!({"value": format!("usr_{n}")})).collect();
        for (resource, kind) in [
            (json!({}), "invalidValue"),
            (json!({"displayName": " "}), "invalidValue"),
            (json!({"displayName": 7}), "invalidValue"),
            (json!({"displayName": "A", "members": "usr_1"}), "invalidValue"),
            (json!({"displayName": "A", "members": [{"value": 1}]}), "invalidValue"),
            (json!({"displayName": "A", "members": [{"value": "team_1", "type": "Group"}]}), "invalidValue"),
            (json!({"displayName": "A", "members": many}), "tooMany"),
        ] {
            let failure = read(&resource).map(drop).expect_err("must be refused");
            assert_eq!(failure.get("scim_type"), Some(kind));
        }
    }
}

//! Whom a directory has, as far as this process remembers.

use super::{ANA, at};
use proto::{Reason, identity::*};
use std::collections::BTreeMap;
use tonic::Status;

/// People by their id.
pub struct World {
    pub users: BTreeMap<String, DirectoryUser>,
    /// So often somebody else is faster.
    pub overtaken: u32,
}

impl Default for World {
    /// Ana is there.
    fn default() -> Self {
        let profile = DirectoryProfile {
            user_name: "ana@acme.example".to_owned(),
            display_name: "Ana".to_owned(),
            active: true,
            ..DirectoryProfile::default()
        };
        Self { users: BTreeMap::from([(ANA.to_owned(), user(ANA, Some(profile), 1))]), overtaken: 0 }
    }
}

impl World {
    /// Somebody who is there already.
    pub fn has(&mut self, n: u32, name: &str) -> String {
        let profile = DirectoryProfile {
            user_name: format!("{name}@acme.example"),
            external_id: format!("ext-{n}"),
            display_name: name.to_owned(),
            active: true,
            ..DirectoryProfile::default()
        };
        let id = format!("usr_01k9tq6j3se5mb1pt2xdv6q{n:03}");
        self.users.insert(id.clone(), user(&id, Some(profile), 1));
        id
    }

    pub(super) fn create(
        &mut self,
        request: CreateDirectoryUserRequest,
    ) -> Result<CreateDirectoryUserResponse, Status> {
        let id = format!("usr_01k9tq6j3se5mb1pt2xdv6q{:03}", 500 + self.users.len());
        let name = request.profile.as_ref().map(|profile| profile.user_name.clone()).unwrap_or_default();
        if self.users.values().any(|user| user.profile.as_ref().is_some_and(|profile| profile.user_name == name)) {
            return Err(Reason::Conflict.with("is there already").fact("scim_type", "uniqueness").into());
        }
        let user = user(&id, request.profile, 1);
        self.users.insert(id, user.clone());
        Ok(CreateDirectoryUserResponse { user: Some(user) })
    }

    pub(super) fn get(&self, id: &str) -> Result<GetDirectoryUserResponse, Status> {
        let user = self.users.get(id).cloned().ok_or_else(absent)?;
        Ok(GetDirectoryUserResponse { user: Some(user) })
    }

    pub(super) fn list(&self, request: &ListDirectoryUsersRequest) -> ListDirectoryUsersResponse {
        let is = |user: &&DirectoryUser| {
            let profile = user.profile.clone().unwrap_or_default();
            request.user_name.as_ref().is_none_or(|name| name.eq_ignore_ascii_case(&profile.user_name))
                && request.external_id.as_ref().is_none_or(|id| *id == profile.external_id)
                && (request.user_ids.is_empty() || request.user_ids.contains(&user.user_id))
        };
        let all: Vec<_> = self.users.values().filter(is).cloned().collect();
        let total = i64::try_from(all.len()).expect("a few");
        let (offset, limit) = (usize::try_from(request.offset), usize::try_from(request.limit));
        let users = all.into_iter().skip(offset.expect("one")).take(limit.expect("one")).collect();
        ListDirectoryUsersResponse { users, total }
    }

    pub(super) fn replace(
        &mut self,
        request: ReplaceDirectoryUserRequest,
    ) -> Result<ReplaceDirectoryUserResponse, Status> {
        if self.overtaken > 0 {
            self.overtaken -= 1;
            if let Some(user) = self.users.get_mut(&request.user_id) {
                user.version += 1;
            }
        }
        let found = self.users.get_mut(&request.user_id).ok_or_else(absent)?;
        if request.version != 0 && request.version != found.version {
            return Err(Reason::PreconditionFailed.with("has changed").into());
        }
        *found = user(&request.user_id, request.profile, found.version + 1);
        Ok(ReplaceDirectoryUserResponse { user: Some(found.clone()) })
    }

    pub(super) fn delete(
        &mut self,
        request: &DeleteDirectoryUserRequest,
    ) -> Result<DeleteDirectoryUserResponse, Status> {
        self.users.remove(&request.user_id).ok_or_else(absent)?;
        Ok(DeleteDirectoryUserResponse {})
    }
}

fn user(id: &str, profile: Option<DirectoryProfile>, version: i64) -> DirectoryUser {
    let created_at = at(1_790_000_000);
    DirectoryUser { user_id: id.to_owned(), profile, version, created_at, updated_at: at(1_790_000_000 + version) }
}

fn absent() -> Status {
    Reason::NotFound.with("there is no such user of the directory in this workspace").into()
}

//! Members who come and go because a directory says so.

use super::State;
use proto::{
    Reason,
    workspace::{BringMemberRequest, BringMemberResponse, Membership, RetireMemberRequest, RetireMemberResponse},
};
use std::collections::BTreeMap;
use tonic::Status;

/// What was asked for, and what is refused.
#[derive(Default)]
pub struct Directory {
    /// Which version was done of whom.
    pub done: BTreeMap<String, i64>,
    /// Every request to make somebody a member.
    pub brought: Vec<BringMemberRequest>,
    /// Every request to end a membership.
    pub retired: Vec<RetireMemberRequest>,
    /// No more members fit.
    pub is_full: bool,
}

impl State {
    /// The role that somebody has in a workspace.
    pub fn role(&self, workspace: &str, user: &str) -> Option<String> {
        let is = |(id, m): &&(String, Membership)| id == user && m.workspace_id == workspace;
        self.members.iter().find(is).map(|(_, m)| m.role.clone())
    }

    pub(super) fn bring(&mut self, request: BringMemberRequest) -> Result<BringMemberResponse, Status> {
        self.directory.brought.push(request.clone());
        let now = self.role(&request.workspace_id, &request.user_id);
        if self.directory.is_full && now.is_none() {
            return Err(Reason::QuotaExceeded.with("the plan free allows 1 member").into());
        }
        if !self.is_new(&request.user_id, request.version) {
            return Ok(BringMemberResponse { role: now.unwrap_or_default() });
        }
        let before = [request.role.as_str(), request.role_before.as_str(), "member"];
        let role = match &now {
            Some(now) if request.role.is_empty() => now.clone(),
            _ => before.into_iter().find(|role| !role.is_empty()).unwrap_or_default().to_owned(),
        };
        self.members.retain(|(id, m)| *id != request.user_id || m.workspace_id != request.workspace_id);
        let membership = Membership { workspace_id: request.workspace_id, name: "Acme".to_owned(), role: role.clone() };
        self.members.push((request.user_id, membership));
        Ok(BringMemberResponse { role })
    }

    pub(super) fn retire(&mut self, request: RetireMemberRequest) -> Result<RetireMemberResponse, Status> {
        self.directory.retired.push(request.clone());
        if self.stays.contains(&request.user_id) {
            return Err(Reason::LastOwner.with("this is the only owner of the workspace").into());
        }
        let role = self.role(&request.workspace_id, &request.user_id).unwrap_or_default();
        if self.is_new(&request.user_id, request.version) {
            self.members.retain(|(id, m)| *id != request.user_id || m.workspace_id != request.workspace_id);
        }
        Ok(RetireMemberResponse { role })
    }

    fn is_new(&mut self, user: &str, version: i64) -> bool {
        let done = self.directory.done.entry(user.to_owned()).or_default();
        let is_new = *done < version;
        *done = version.max(*done);
        is_new
    }
}

//! People: their accounts, and how they and their first workspace come to be.

pub(crate) mod admission;
pub(crate) mod change_email;
pub(crate) mod confirm;
pub(crate) mod email;
pub(crate) mod find;
pub(crate) mod list;
pub(crate) mod locale;
pub(crate) mod me;
pub(crate) mod memberships;
pub(crate) mod provision;
pub(crate) mod set_password;
pub(crate) mod sign_up;
pub(crate) mod update;
pub(crate) mod verify_email;

use chrono::{DateTime, Utc};
use proto::{PlatformRole, id::UserId, identity as pb};

/// The longest name of a person, in characters.
pub(crate) const MAX_NAME: usize = 200;

store::row! {
    /// A person.
    #[derive(Clone, Debug)]
    pub(crate) struct User {
        pub(crate) id: UserId,
        pub(crate) email: String,
        pub(crate) name: String,
        pub(crate) locale: String,
        pub(crate) created_at: DateTime<Utc>,
        pub(crate) disabled_at: Option<DateTime<Utc>>,
        pub(crate) email_verified_at: Option<DateTime<Utc>>,
        /// Since when a second factor is asked for.
        pub(crate) mfa_enabled_at: Option<DateTime<Utc>>,
        /// As it is stored; [`User::platform`] is what it means.
        pub(crate) platform_role: Option<String>,
    }
}

impl User {
    /// As the contract shows a person.
    pub(crate) fn to_proto(&self) -> pb::User {
        pb::User {
            id: self.id.to_string(),
            email: self.email.clone(),
            name: self.name.clone(),
            locale: self.locale.clone(),
            email_verified: self.email_verified_at.is_some(),
            mfa_enabled: self.mfa_enabled_at.is_some(),
            created_at: Some(proto::time::to_proto(self.created_at)),
        }
    }

    /// What they are to the platform as a whole.
    pub(crate) fn platform(&self) -> Option<PlatformRole> {
        PlatformRole::parse(self.platform_role.as_deref()?)
    }

    /// What readers of the feed may know; the workspace service keeps names of members from it.
    pub(crate) fn facts(&self) -> serde_json::Value {
        serde_json::json!({ "email": self.email, "name": self.name, "locale": self.locale })
    }
}

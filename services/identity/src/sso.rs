//! Single sign-on: the people of a workspace sign in by a provider of its own, by OpenID Connect.
//!
//! What the provider says is worth something for one reason: the workspace has proved that the domain of the address is its
//! own ([`crate::domain`]), so it could read the person's letters as well. It is worth nothing for any other address, and
//! nothing from the moment on in which the domain is somebody else's.

pub(crate) mod account;
pub(crate) mod enforce;
pub(crate) mod exchange;
pub(crate) mod get;
pub(crate) mod provider;
pub(crate) mod put;
pub(crate) mod remove;
pub(crate) mod start;

use crate::{Error, Parts};
use chrono::{DateTime, Utc};
use host::config::Secret;
use proto::{
    Call,
    id::{EventId, WorkspaceId},
    identity as pb,
};
use serde_json::{Value, json};
use store::{Tx, outbox::Event};
use uuid::Uuid;

store::row! {
    /// What a workspace has set up.
    #[derive(Clone, Debug)]
    pub(crate) struct Connection {
        /// Another one for another issuer or client.
        pub(crate) id: Uuid,
        pub(crate) workspace_id: WorkspaceId,
        pub(crate) issuer: String,
        pub(crate) client_id: String,
        client_secret: Option<Vec<u8>>,
        pub(crate) enforced: bool,
        pub(crate) default_role: String,
        pub(crate) provision: bool,
        created_at: DateTime<Utc>,
        pub(crate) updated_at: DateTime<Utc>,
    }
}

impl Connection {
    /// As flows name it. No provider of the configuration has such a name.
    pub(crate) fn name(&self) -> String {
        format!("sso:{}", self.id)
    }

    /// What the provider and we share. Errors: [`Error::Seal`].
    pub(crate) fn secret(&self, parts: &Parts) -> Result<Option<Secret>, Error> {
        let Some(sealed) = &self.client_secret else { return Ok(None) };
        let text = parts.sealer.open(sealed, place(self.id).as_bytes())?;
        let text = String::from_utf8(text.to_vec()).map_err(|_| Error::Seal(store::seal::Error::Damaged))?;
        Ok(Some(Secret::from(text)))
    }

    fn to_proto(&self, parts: &Parts) -> pb::Sso {
        pb::Sso {
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            has_client_secret: self.client_secret.is_some(),
            enforced: self.enforced,
            default_role: self.default_role.clone(),
            provision: self.provision,
            callback_url: parts.providers.callback_of(self.workspace_id),
            created_at: Some(proto::time::to_proto(self.created_at)),
            updated_at: Some(proto::time::to_proto(self.updated_at)),
        }
    }

    /// For the trail. Nothing of it is secret.
    fn facts(&self) -> Value {
        json!({
            "issuer": self.issuer, "client_id": self.client_id, "enforced": self.enforced,
            "default_role": self.default_role, "provision": self.provision,
        })
    }
}

/// Whether a flow is one of a workspace's provider.
pub(crate) fn is_one(flow: &str) -> bool {
    flow.starts_with("sso:")
}

/// That of a workspace. In a transaction of it, or of the system.
pub(crate) async fn of_workspace(tx: &mut Tx, workspace: WorkspaceId) -> Result<Option<Connection>, Error> {
    Ok(tx.fetch_optional(store::sql!("sso/of_workspace"), &[workspace.into()]).await?)
}

/// What a secret is sealed for.
pub(crate) fn place(id: Uuid) -> String {
    format!("identity/sso_connections/client_secret/{id}")
}

fn absent() -> Error {
    Error::NotFound("single sign-on for this workspace: its owners set it up first")
}

/// Something happened to how people of a workspace sign in.
fn event(parts: &Parts, call: &Call, workspace: WorkspaceId, kind: &'static str, payload: Value) -> Event {
    let id = EventId::from_uuid(parts.ids.uuid());
    Event { workspace: Some(workspace), payload, ..Event::of(call, id, parts.clock.now(), kind, workspace) }
}

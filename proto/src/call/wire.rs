//! A [`Call`] as one binary metadata entry, so that what crosses processes is exactly what is in the type.

use super::{Call, Principal};
use crate::{Impersonation, Reason, Role, Scopes, id};
use prost::Message;
use std::{str::FromStr, time::Duration};
use tokio::time::Instant;
use tonic::{
    Status,
    metadata::{MetadataMap, MetadataValue},
};

const KEY: &str = "x-call-bin";

#[derive(Clone, PartialEq, Message)]
struct Wire {
    /// `usr_…`, `key_…`, `service:<role>` or empty.
    #[prost(string, tag = "1")]
    principal: String,
    #[prost(string, tag = "2")]
    session: String,
    #[prost(string, tag = "3")]
    workspace: String,
    #[prost(string, repeated, tag = "4")]
    scopes: Vec<String>,
    #[prost(string, tag = "5")]
    request_id: String,
    #[prost(string, optional, tag = "6")]
    idempotency_key: Option<String>,
    /// What is left of the deadline: clocks of two machines differ, durations don't.
    #[prost(uint64, optional, tag = "7")]
    remaining_ms: Option<u64>,
    #[prost(string, optional, tag = "8")]
    trace: Option<String>,
    #[prost(string, tag = "9")]
    client: String,
    #[prost(string, optional, tag = "10")]
    user_agent: Option<String>,
    /// `usr_…` of whoever acts for the principal; empty: nobody does.
    #[prost(string, tag = "11")]
    impersonator: String,
    #[prost(bool, tag = "12")]
    impersonator_may_write: bool,
}

impl Call {
    /// Writes the call for a peer.
    pub fn write(&self, metadata: &mut MetadataMap) {
        let (principal, session) = match self.principal {
            Principal::Anonymous => (String::new(), String::new()),
            Principal::User { id, session } => (id.to_string(), session.to_string()),
            Principal::Key { id } => (id.to_string(), String::new()),
            Principal::Service(role) => (format!("service:{role}"), String::new()),
        };
        let remaining = self.deadline.map(|d| d.saturating_duration_since(Instant::now()));
        let wire = Wire {
            principal,
            session,
            workspace: self.workspace.map(String::from).unwrap_or_default(),
            scopes: self.scopes.names(),
            request_id: self.request_id.to_string(),
            idempotency_key: self.idempotency_key.as_deref().map(str::to_owned),
            remaining_ms: remaining.map(|r| u64::try_from(r.as_millis()).unwrap_or(u64::MAX)),
            trace: self.trace.as_deref().map(str::to_owned),
            client: self.client.map(|a| a.to_string()).unwrap_or_default(),
            user_agent: self.user_agent.as_deref().map(str::to_owned),
            impersonator: self.impersonation.map(|acting| acting.operator.to_string()).unwrap_or_default(),
            impersonator_may_write: self.impersonation.is_some_and(|acting| acting.may_write),
        };
        metadata.insert_bin(KEY, MetadataValue::from_bytes(&wire.encode_to_vec()));
    }

    /// Reads what a peer wrote. Only for requests whose peer has been authenticated. Errors: `INVALID_ARGUMENT`.
    pub fn read(metadata: &MetadataMap) -> Result<Self, Status> {
        let bytes = metadata.get_bin(KEY).and_then(|v| v.to_bytes().ok()).ok_or_else(malformed)?;
        let wire = Wire::decode(bytes).map_err(|_| malformed())?;
        Ok(Self {
            principal: wire.principal()?,
            impersonation: wire.impersonation()?,
            workspace: if wire.workspace.is_empty() { None } else { Some(parse(&wire.workspace)?) },
            scopes: Scopes::parse(wire.scopes.iter().map(String::as_str)),
            request_id: parse(&wire.request_id)?,
            idempotency_key: wire.idempotency_key.map(Into::into),
            deadline: wire.remaining_ms.and_then(|ms| Instant::now().checked_add(Duration::from_millis(ms))),
            trace: wire.trace.map(Into::into),
            client: wire.client.parse().ok(),
            user_agent: wire.user_agent.map(Into::into),
        })
    }
}

impl Wire {
    fn principal(&self) -> Result<Principal, Status> {
        let text = self.principal.as_str();
        if text.is_empty() {
            return Ok(Principal::Anonymous);
        }
        if let Some(role) = text.strip_prefix("service:") {
            return Ok(Principal::Service(parse::<Role>(role)?));
        }
        if text.starts_with(id::KeyId::PREFIX) {
            return Ok(Principal::Key { id: parse(text)? });
        }
        Ok(Principal::User { id: parse(text)?, session: parse(&self.session)? })
    }
}

impl Wire {
    /// Who acts for the principal. One that cannot be read must not become nobody.
    fn impersonation(&self) -> Result<Option<Impersonation>, Status> {
        match (self.impersonator.as_str(), self.session.as_str()) {
            ("", _) => Ok(None),
            (_, "") => Err(malformed()),
            (operator, _) => {
                Ok(Some(Impersonation { operator: parse(operator)?, may_write: self.impersonator_may_write }))
            }
        }
    }
}

fn parse<T: FromStr>(text: &str) -> Result<T, Status> {
    text.parse().map_err(|_| malformed())
}

fn malformed() -> Status {
    Reason::InvalidArgument.with("the call's metadata cannot be read").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Permission;
    use uuid::Uuid;

    #[test]
    fn a_call_arrives_as_it_was_sent() {
        let sent = Call {
            principal: Principal::User {
                id: id::UserId::from_uuid(Uuid::from_u128(1)),
                session: id::SessionId::from_uuid(Uuid::from_u128(2)),
            },
            impersonation: Some(Impersonation { operator: id::UserId::from_uuid(Uuid::from_u128(5)), may_write: true }),
            workspace: Some(id::WorkspaceId::from_uuid(Uuid::from_u128(3))),
            scopes: Scopes::NONE.with(Permission::Inference).with(Permission::KeysRead),
            request_id: id::RequestId::from_uuid(Uuid::from_u128(4)),
            idempotency_key: Some("once".into()),
            deadline: None,
            trace: Some("00-1-2-01".into()),
            client: Some([127, 0, 0, 1].into()),
            user_agent: Some("curl/8".into()),
        };
        let mut metadata = MetadataMap::new();
        sent.write(&mut metadata);
        let received = Call::read(&metadata).expect("a call");
        assert_eq!(format!("{received:?}"), format!("{sent:?}"));
    }

    #[test]
    fn metadata_without_a_call_is_refused() {
        assert_eq!(Reason::of(&Call::read(&MetadataMap::new()).expect_err("no call")), Reason::InvalidArgument);
    }
}

//! What others hear of: one event for each change, written with it.

use crate::{Error, Parts, impersonation::Impersonation, user::User};
use proto::{
    Call, Principal,
    id::{EventId, KeyId, SessionId, UserId},
};
use serde_json::json;
use store::{Tx, outbox::Event};

/// Something happened to a person's account. By themselves: a sign-up's call has no principal yet.
pub(crate) fn of_user(parts: &Parts, call: &Call, kind: &'static str, user: &User) -> Event {
    let event = global(parts, call, kind, user.id.to_string(), user.id);
    Event { payload: user.facts(), ..event }
}

/// A person opened a session.
pub(crate) fn session_created(parts: &Parts, call: &Call, session: SessionId, user: UserId) -> Event {
    let event = global(parts, call, "session.created", session.to_string(), user);
    Event { payload: json!({ "user_id": user.to_string() }), ..event }
}

/// A person has shown their second factor in a session that was open.
pub(crate) fn session_stepped_up(parts: &Parts, call: &Call, session: SessionId, user: UserId) -> Event {
    let event = global(parts, call, "session.stepped_up", session.to_string(), user);
    Event { payload: json!({ "user_id": user.to_string() }), ..event }
}

/// A session ended, for a reason in one word.
pub(crate) fn session_ended(
    parts: &Parts,
    call: &Call,
    session: SessionId,
    user: UserId,
    reason: &'static str,
) -> Event {
    let event = global(parts, call, "session.ended", session.to_string(), user);
    Event { payload: json!({ "user_id": user.to_string(), "reason": reason }), ..event }
}

/// An operator begins or ceases to act for somebody: in the trail of the workspace, for its owners, and in the platform's.
pub(crate) async fn of_impersonation(
    tx: &mut Tx,
    parts: &Parts,
    call: &Call,
    kind: &'static str,
    one: &Impersonation,
) -> Result<(), Error> {
    let (id, at) = (EventId::from_uuid(parts.ids.uuid()), parts.clock.now());
    // A link in a letter ends sessions as well: whoever follows it is the person.
    let actor = if call.principal == Principal::Anonymous { one.user_id.to_string() } else { call.actor() };
    let mut facts = json!({
        "user_id": one.user_id.to_string(), "reason": one.reason, "write": one.may_write, "expires_at": one.expires_at,
    });
    if let Some(why) = &one.end_reason {
        facts["end_reason"] = why.as_str().into();
    }
    let event = Event {
        actor,
        impersonator: Some(one.operator_id),
        workspace: one.workspace_id,
        payload: facts,
        ..Event::of(call, id, at, kind, one.id)
    };
    Ok(store::platform_audit::record(tx, &event).await?)
}

/// Something happened to a key of the call's workspace.
pub(crate) fn of_key(parts: &Parts, call: &Call, kind: &'static str, key: KeyId, payload: serde_json::Value) -> Event {
    let id = EventId::from_uuid(parts.ids.uuid());
    Event { payload, ..Event::of(call, id, parts.clock.now(), kind, key) }
}

/// People and their sessions belong to no workspace. Whoever calls without a credential acts as `person`, whose
/// password or refresh token they hold.
fn global(parts: &Parts, call: &Call, kind: &'static str, subject: String, person: UserId) -> Event {
    let id = EventId::from_uuid(parts.ids.uuid());
    let actor = if call.principal == Principal::Anonymous { person.to_string() } else { call.actor() };
    Event { workspace: None, actor, ..Event::of(call, id, parts.clock.now(), kind, subject) }
}

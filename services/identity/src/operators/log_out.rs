//! Logs people out, whatever they have logged in with: somebody who has left the company, or everybody after a break-in.

use super::{Act, Host, account, record};
use crate::Error;
use proto::id::{EventId, SessionId, UserId};
use serde_json::json;
use store::{GlobalTx, Value, outbox::Event};

/// Sessions that are ended in one transaction.
const AT_ONCE: i64 = 500;
const WHY: &str = "operator";

/// Whose sessions to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose<'a> {
    /// Those of the account of an address.
    Of(&'a str),
    /// Those of everybody.
    Everybody,
}

store::row! {
    struct Live {
        id: SessionId,
        user_id: UserId,
    }
}

/// Ends all sessions of one account, or of all, on every process within a second. Answers how many there were. API keys go on
/// working. Errors: [`Error::NotFound`], [`Error::Store`].
pub async fn log_out(host: &Host, whose: Whose<'_>) -> Result<u64, Error> {
    let mut tx = GlobalTx::begin(&host.db).await?;
    let user = match whose {
        Whose::Of(address) => Some(account(&mut tx, address).await?.id),
        Whose::Everybody => None,
    };
    // First, so that nothing was done that the trail does not know of.
    let subject = user.map_or_else(|| "everybody".to_owned(), |user| user.to_string());
    let act = Act { action: "user.logged_out", subject, actor: &host.actor, facts: json!({}) };
    record(&mut tx, &host.clock, &host.ids, act).await?;
    tx.commit().await?;
    let mut ended = 0;
    loop {
        let now = end_some(host, user).await?;
        ended += now;
        if now == 0 {
            return Ok(ended);
        }
    }
}

async fn end_some(host: &Host, user: Option<UserId>) -> Result<u64, Error> {
    let mut tx = GlobalTx::begin(&host.db).await?;
    let values = [user.map(UserId::uuid).into(), AT_ONCE.into()];
    let live: Vec<Live> = tx.fetch_all(store::sql!("session/live"), &values).await?;
    let at = host.clock.now();
    for session in &live {
        let values: [Value; 3] = [session.id.into(), at.into(), WHY.into()];
        // Also where it has just ended otherwise: it is not live any more.
        if tx.execute(store::sql!("session/end"), &values).await? > 0 {
            tx.emit(&Event {
                id: EventId::from_uuid(host.ids.uuid()),
                kind: "session.ended",
                workspace: None,
                subject: session.id.to_string(),
                actor: host.actor.clone(),
                impersonator: None,
                at,
                request_id: String::new(),
                payload: json!({ "user_id": session.user_id.to_string(), "reason": WHY }),
            });
        }
    }
    tx.commit().await?;
    Ok(u64::try_from(live.len()).unwrap_or(u64::MAX))
}

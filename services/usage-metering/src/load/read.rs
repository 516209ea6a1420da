//! What do the tables say about a quota?

use crate::{
    Error,
    counter::Reading,
    grant::GrantKey,
    limit::{self, COST, FAR, Limit, Owner, Quota, REQUESTS, TOKENS},
    service::Inner,
};
use chrono::{DateTime, Utc};
use proto::id::{KeyId, TeamId, UserId, WorkspaceId};
use store::{Sql, Tx, Value, WorkspaceTx, sql};
use uuid::Uuid;

const SETTLED: Sql = sql!("quota/settled");
const EVENTS: Sql = sql!("quota/events");
const OPEN: Sql = sql!("quota/open");

store::row! {
    /// What is settled in one currency.
    struct Settled {
        currency: String,
        requests: i64,
        tokens: i64,
        cost_nanos: i64,
    }
}

store::row! {
    /// A grant that is not settled.
    struct Open {
        request_id: Uuid,
        api_key_id: Option<Uuid>,
        user_id: Option<Uuid>,
        team_id: Option<Uuid>,
        model: String,
        credential_owner: String,
        attempt: i64,
        tokens: i64,
        reserved: String,
        created_at: DateTime<Utc>,
    }
}

/// Of each limit. Errors: `SERVICE_UNAVAILABLE`, `UNPRICED_MODEL` where an amount cannot be converted into the currency of
/// a budget.
pub(super) async fn readings(inner: &Inner, workspace: Uuid, limits: &[&Limit]) -> Result<Vec<Reading>, Error> {
    let mut tx = WorkspaceTx::read(&inner.db, WorkspaceId::from_uuid(workspace)).await?;
    let open: Vec<Open> = tx.fetch_all(OPEN, &[workspace.into()]).await?;
    let open: Vec<_> = open.into_iter().map(|grant| (limit::from_text(&grant.reserved), grant)).collect();
    let mut found = Vec::with_capacity(limits.len());
    for limit in limits {
        let Some(quota) = limit.quota() else { continue };
        let name = limit.name();
        let mut reading = Reading { settled: settled(inner, &mut tx, workspace, limit, quota).await?, open: vec![] };
        for (limits, grant) in &open {
            match limits.iter().find(|own| own.name() == name) {
                Some(own) => {
                    let key = GrantKey { workspace, request: grant.request_id, attempt: grant.attempt };
                    reading.open.push((key, own.cost));
                }
                None => reading.settled = reading.settled.saturating_add(estimated(limit, quota, grant, limits)),
            }
        }
        found.push(reading);
    }
    Ok(found)
}

async fn settled(inner: &Inner, tx: &mut Tx, workspace: Uuid, limit: &Limit, quota: &Quota) -> Result<i64, Error> {
    let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap_or(DateTime::<Utc>::MAX_UTC);
    let (from, to) = (at(quota.span.start), at(quota.span.end.unwrap_or(FAR)));
    if !matches!(quota.resource.as_str(), TOKENS | COST | REQUESTS) {
        let values: [Value; 4] = [workspace.into(), from.into(), to.into(), quota.resource.as_str().into()];
        let (quantity,): (i64,) = tx.fetch_one(EVENTS, &values).await?;
        return Ok(quantity);
    }
    let (key, user, team) = ids(limit);
    let values: [Value; 8] = [
        workspace.into(),
        from.into(),
        to.into(),
        limit.owner.as_str().into(),
        key.into(),
        user.into(),
        limit.id.as_str().into(),
        team.into(),
    ];
    let rows: Vec<Settled> = tx.fetch_all(SETTLED, &values).await?;
    let mut sum = 0i64;
    for row in rows {
        sum = sum.saturating_add(match quota.resource.as_str() {
            TOKENS => row.tokens,
            REQUESTS => row.requests,
            _ if row.cost_nanos == 0 => 0,
            _ => inner
                .prices
                .convert(row.cost_nanos, &row.currency, &quota.currency, inner.clock.now())
                .ok_or_else(|| limit::unpriced(limit.owner, &limit.id))?,
        });
    }
    Ok(sum)
}

/// What a grant that was admitted before there was this quota counts in it: its estimate. Of money that is what it has `reserved` in
/// one of the same owner and currency: what credits pay for is counted anew from when usage is charged.
fn estimated(limit: &Limit, quota: &Quota, grant: &Open, reserved: &[Limit]) -> i64 {
    let (key, user, team) = ids(limit);
    let is_of_owner = match limit.owner {
        Owner::Workspace => true,
        Owner::ApiKey => grant.api_key_id == Some(key),
        Owner::User => grant.user_id == Some(user),
        Owner::Team => grant.team_id == Some(team),
        Owner::Model => grant.model == limit.id,
        Owner::Plan => grant.credential_owner == "platform",
        Owner::Address | Owner::Platform => false,
    };
    let at = grant.created_at.timestamp();
    if !is_of_owner || at < quota.span.start || quota.span.end.is_some_and(|end| at >= end) {
        return 0;
    }
    match quota.resource.as_str() {
        TOKENS => grant.tokens,
        REQUESTS => i64::from(grant.attempt == 1),
        COST => {
            let is_alike = |other: &&Limit| {
                let of = other.quota().is_some_and(|of| of.resource == COST && of.currency == quota.currency);
                of && (other.owner, &other.surface) == (limit.owner, &limit.surface)
            };
            reserved.iter().find(is_alike).map_or(0, |other| other.cost)
        }
        _ => 0,
    }
}

fn ids(limit: &Limit) -> (Uuid, Uuid, Uuid) {
    let key = limit.id.parse::<KeyId>().map_or(Uuid::nil(), KeyId::uuid);
    let user = limit.id.parse::<UserId>().map_or(Uuid::nil(), UserId::uuid);
    let team = limit.id.parse::<TeamId>().map_or(Uuid::nil(), TeamId::uuid);
    (key, user, team)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        calendar::{Period, Span},
        limit::Kind,
    };

    /// What credits pay for, counted since then, of which so much is reserved.
    fn balance(since: i64, currency: &str, cost: i64) -> Limit {
        let span = Span { start: since, end: None };
        let quota = Quota { resource: COST.to_owned(), currency: currency.to_owned(), period: Period::Total, span };
        Limit {
            owner: Owner::Plan,
            id: "as-you-go".to_owned(),
            surface: "prepaid".to_owned(),
            kind: Kind::Quota(Box::new(quota)),
            limit: 1_000,
            cost,
            least: cost,
            soft: false,
        }
    }

    fn open(at: i64) -> Open {
        Open {
            request_id: Uuid::nil(),
            api_key_id: None,
            user_id: None,
            team_id: None,
            model: "gpt-4o-mini".to_owned(),
            credential_owner: "platform".to_owned(),
            attempt: 1,
            tokens: 7,
            reserved: String::new(),
            created_at: DateTime::from_timestamp(at, 0).expect("a time"),
        }
    }

    #[test]
    fn what_runs_when_credits_are_counted_anew_counts_with_what_it_has_reserved() {
        let anew = balance(2_700, "BRL", 0);
        let quota = anew.quota().expect("a quota");
        let counts = |grant: &Open, reserved: &[Limit]| estimated(&anew, quota, grant, reserved);
        let before = [balance(900, "BRL", 40)];
        assert_eq!(counts(&open(2_700), &before), 40);
        assert_eq!(counts(&open(2_699), &before), 0, "it is charged already, or comes with the next invoice");
        assert_eq!(counts(&open(2_700), &[balance(900, "USD", 40)]), 0, "that is another money");
        let elsewhere = Limit { surface: "v1".to_owned(), ..balance(900, "BRL", 40) };
        assert_eq!(counts(&open(2_700), &[elsewhere]), 0, "that is what the plan allows of other things");
        let own = Open { credential_owner: "workspace".to_owned(), ..open(2_700) };
        assert_eq!(counts(&own, &before), 0, "they pay that themselves");
    }
}

//! Which open invoices are to be reminded of?
//!
//! Each has the time of its next reminder in its row, so that nobody looks through all that are open. After it, and when
//! the invoice is closed, the time is chosen again among the days of the settings.

use super::{Kind, queue};
use crate::{
    Billing, Error,
    customer::lock,
    invoice::{row, state::Status},
};
use chrono::{DateTime, TimeDelta, Utc};
use proto::id::{InvoiceId, WorkspaceId};
use store::{SystemTx, WorkspaceTx, sql};
use uuid::Uuid;

/// When the first reminder comes after a time; None: no more.
pub(in crate::invoice) fn next(days: &[i64], due_at: DateTime<Utc>, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    days.iter().filter_map(|day| on(*day, due_at)).find(|at| *at > after)
}

/// The newest whose time has come. What came before it is not made up for: one letter says all of it. What came before the
/// invoice was closed is none, as the invoice itself says when it is due.
fn newest(days: &[i64], due_at: DateTime<Utc>, closed_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<i64> {
    let has_come = |day: &&i64| on(**day, due_at).is_some_and(|at| closed_at < at && at <= now);
    days.iter().rev().find(has_come).copied()
}

fn on(day: i64, due_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    due_at.checked_add_signed(TimeDelta::days(day))
}

/// All of them, page by page. It may run in several processes at once. One that fails is tried again in the next round, and is in
/// nobody's way. Errors: they could not be found.
pub(crate) async fn round(service: &Billing) -> Result<(), Error> {
    if service.post.is_none() {
        // A process that sends letters looks after them.
        return Ok(());
    }
    let now = service.clock.now();
    let mut after = (DateTime::UNIX_EPOCH, InvoiceId::from_uuid(Uuid::nil()));
    loop {
        let mut tx = SystemTx::read(&service.db, "find invoices to remind of").await?;
        let values = [now.into(), after.0.into(), after.1.into()];
        let due: Vec<(WorkspaceId, InvoiceId, DateTime<Utc>)> =
            tx.fetch_all(sql!("invoice/to_remind"), &values).await?;
        tx.commit().await?;
        let Some((_, id, at)) = due.last() else { return Ok(()) };
        after = (*at, *id);
        for (workspace, id, _) in due {
            if let Err(error) = one(service, workspace, id).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, %workspace, invoice = %id, "a reminder of an invoice was not queued");
            }
        }
    }
}

async fn one(service: &Billing, workspace: WorkspaceId, id: InvoiceId) -> Result<(), Error> {
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    lock(service, &mut tx).await?;
    let (now, days) = (service.clock.now(), service.config.letters.days());
    let invoice = row::one(&mut tx, workspace, id).await?;
    // Nobody is to pay what is about to be void.
    let is_owed = invoice.status == Status::Open && invoice.expires_at.is_none_or(|at| at > now);
    let closed_at = invoice.finalized_at.unwrap_or(invoice.created_at);
    if let Some(day) = newest(&days, invoice.due_at, closed_at, now).filter(|_| is_owed) {
        queue(service, &mut tx, id, Kind::Reminder(day)).await?;
    }
    let next = next(&days, invoice.due_at, now).filter(|_| is_owed);
    tx.execute(sql!("invoice/reminded"), &[workspace.into(), id.into(), next.into()]).await?;
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(n: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(n)
    }

    #[test]
    fn reminders_come_on_their_days_and_what_was_missed_is_one() {
        let (days, due, closed) = ([-3, 0, 3, 7], day(100), day(93));
        let newest = |now| newest(&days, due, closed, now);
        assert_eq!((newest(day(96)), newest(day(97)), newest(day(99))), (None, Some(-3), Some(-3)));
        assert_eq!((newest(day(100)), newest(day(105)), newest(day(1000))), (Some(0), Some(3), Some(7)));
        let next = |after| next(&days, due, after);
        assert_eq!((next(closed), next(day(97)), next(day(101))), (Some(day(97)), Some(day(100)), Some(day(103))));
        assert_eq!((next(day(107)), super::next(&[], due, closed)), (None, None));
    }

    #[test]
    fn what_came_before_the_invoice_is_no_reminder() {
        assert_eq!(newest(&[-3, 0], day(100), day(97), day(99)), None, "it is due in three days");
        assert_eq!(newest(&[-3, 0], day(100), day(97), day(100)), Some(0));
        assert_eq!(next(&[-3, 0], day(100), day(97)), Some(day(100)));
        assert_eq!(newest(&[-3, 0], day(100), day(100), day(100)), None, "it is due at once");
        assert_eq!(next(&[7], DateTime::<Utc>::MAX_UTC, day(0)), None);
    }
}

//! May this attempt run?

mod ask;
mod cost;
mod stop;
mod subject;

pub(crate) use ask::{Ask, zone};
pub(crate) use cost::Price;
pub(crate) use subject::{SLACK, Subject};

use crate::{
    Error,
    counter::Verdict,
    event::Event,
    grant::GrantKey,
    limit::{self, Limit, Reservation, Standing},
    open::{Answer, OpenGrant},
    service::Inner,
};
use fail::fail_point;
use proto::usage::{AdmitRequest, AdmitResponse};

/// How often counters are loaded for one attempt. Each time others may have dropped them again.
const LOADS: u32 = 4;

/// A reservation that was made.
pub(crate) struct Reserved {
    pub reservation: Reservation,
    /// In the order of its limits.
    pub standings: Vec<Standing>,
}

/// Whether a grant is new.
#[derive(Clone, Copy)]
enum Asked {
    First,
    Again,
}

impl Inner {
    /// Reserves, makes durable, answers; on any failure nothing stays reserved.
    /// Errors: `RATE_LIMITED`, `CONCURRENCY_LIMITED`, `QUOTA_EXCEEDED`, `BUDGET_EXCEEDED`, `UNPRICED_MODEL`,
    /// `SERVICE_UNAVAILABLE`, `INVALID_ARGUMENT`.
    pub async fn admit(&self, request: AdmitRequest) -> Result<AdmitResponse, Error> {
        let answer = match self.read(request) {
            Ok(ask) => self.admit_asked(ask).await,
            Err(error) => Err(error),
        };
        let label = match &answer {
            Ok((_, Asked::First)) => "admitted",
            // It has its row already, or will have it: rows are compared with what was admitted.
            Ok((_, Asked::Again)) => "repeated",
            Err(Error::Limited(_) | Error::Unpriced { .. }) => "limited",
            Err(_) => "failed",
        };
        self.metrics.admissions.with_label_values(&[label]).inc();
        if let Err(error) = &answer {
            self.metrics.refused(error);
        }
        answer.map(|(response, _)| response)
    }

    async fn admit_asked(&self, ask: Ask) -> Result<(AdmitResponse, Asked), Error> {
        let Ask { key, mut admitted, limits, price, stop } = ask;
        if let Some(answer) = self.open.answer(&key) {
            // Counted before; but its first caller may have been told that it failed, so it is made durable again.
            admitted.reserved = self.open.reserved(&key);
            self.ledger.admit(Event::Admitted(admitted), key).await?;
            return Ok((answer.response(&key), Asked::Again));
        }
        limit::fits_at_all(&limits)?;
        let now_ms = admitted.admitted_at / 1000;
        let Reserved { reservation, standings } = self.reserve(key, limits, admitted.expires_at / 1000, now_ms).await?;
        let limits = &reservation.limits;
        fail_point!("usage::admit::reserved");
        admitted.reserved = limit::to_text(limits, &reservation.ticket);
        let answer = Answer {
            limits: limits.iter().zip(&standings).map(|(limit, standing)| limit.state(*standing, now_ms)).collect(),
            stop_after: stop.and_then(|stop| stop.after(limits, &standings)),
        };
        let response = answer.response(&key);
        // Open before it is durable: a settlement may follow at once.
        let grant = OpenGrant {
            answer,
            limits: limits.clone(),
            ticket: reservation.ticket.clone(),
            price,
            expires_at: admitted.expires_at,
        };
        self.open.insert(key, grant);
        let mut durable = self.ledger.admit(Event::Admitted(admitted), key).await;
        // Who restores counters from SQL looks for grants that were reserved until then: no later one may run.
        if durable.is_ok() && self.counters.is_shared() && reservation.since.elapsed() > self.config.grace() {
            self.ledger.withdraw(key);
            durable = Err(Error::CountersAway);
        }
        if let Err(error) = durable {
            self.open.take(&key);
            self.counters.undo(&reservation, now_ms).await;
            return Err(error);
        }
        fail_point!("usage::admit::durable");
        Ok((response, Asked::First))
    }

    /// What was reserved of each limit, and where they stand now.
    pub(crate) async fn reserve(
        &self,
        key: GrantKey,
        limits: Vec<Limit>,
        expires_ms: i64,
        now_ms: i64,
    ) -> Result<Reserved, Error> {
        let mut reservation = Reservation::new(key, limits, expires_ms);
        for _ in 0..LOADS {
            match self.counters.reserve(&mut reservation, now_ms).await {
                Ok(Verdict::Reserved(standings)) => {
                    self.warnings.look(key.workspace, &reservation.limits, &standings);
                    return Ok(Reserved { reservation, standings });
                }
                Ok(Verdict::Refused(standings)) => {
                    self.warnings.look(key.workspace, &reservation.limits, &standings);
                    return Err(limit::longest(&reservation.limits, &standings));
                }
                Ok(Verdict::Missing(missing)) => {
                    let missing: Vec<_> = missing.into_iter().map(|index| &reservation.limits[index]).collect();
                    Box::pin(self.load(key.workspace, &missing)).await?;
                }
                // What refuses nothing must not stop anybody when it cannot be counted.
                Err(Error::CountersAway) if reservation.limits.iter().all(|limit| limit.soft) => {
                    reservation.limits.clear();
                    return Ok(Reserved { reservation, standings: vec![] });
                }
                Err(error) => return Err(error),
            }
        }
        Err(Error::CountersAway)
    }
}

impl Answer {
    fn response(&self, key: &GrantKey) -> AdmitResponse {
        AdmitResponse {
            grant_id: key.grant_id(),
            limits: self.limits.clone(),
            stop_after_output_tokens: self.stop_after,
        }
    }
}

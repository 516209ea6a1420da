//! How does one request look, from its row and those of its attempts?

use crate::{row::guarded, units::UnitColumns};
use chrono::{DateTime, Utc};
use proto::{
    id::{KeyId, RequestId, TeamId, UserId},
    money::Nanos,
    time::to_proto,
    usage::{Attempt, RequestLog},
};

store::row! {
    /// A request joined with one ledger row of it; without any, those columns are null.
    pub(crate) struct JoinedRow {
        pub id: RequestId,
        api_key_id: Option<KeyId>,
        user_id: Option<UserId>,
        team_id: Option<TeamId>,
        operation: String,
        requested_model: String,
        stream: bool,
        provider: String,
        model: String,
        status_code: i64,
        outcome: String,
        duration_ms: i64,
        ttft_ms: i64,
        error_code: String,
        error_message: String,
        dropped: String,
        guardrails: String,
        created_at: DateTime<Utc>,
        attempt: Option<i64>,
        attempt_provider: Option<String>,
        attempt_model: Option<String>,
        attempt_outcome: Option<String>,
        attempt_error_code: Option<String>,
        credential_owner: Option<String>,
        provider_status: Option<i64>,
        attempt_duration_ms: Option<i64>,
        estimated: Option<bool>,
        input_tokens: Option<i64>,
        cache_read_tokens: Option<i64>,
        cache_write_5m_tokens: Option<i64>,
        cache_write_1h_tokens: Option<i64>,
        audio_input_tokens: Option<i64>,
        image_input_tokens: Option<i64>,
        output_tokens: Option<i64>,
        audio_output_tokens: Option<i64>,
        image_output_tokens: Option<i64>,
        reasoning_tokens: Option<i64>,
        images: Option<i64>,
        audio_ms: Option<i64>,
        characters: Option<i64>,
        searches: Option<i64>,
        cost_nanos: Option<i64>,
        currency: Option<String>,
        price_version: Option<String>,
    }
}

/// A request while its rows are being added up.
pub(crate) struct Entry {
    pub id: RequestId,
    log: RequestLog,
    units: UnitColumns,
    cost: Option<Nanos>,
    /// Of the attempts, as far as their latest rows say: what has no price, and what is estimated.
    unpriced: Vec<bool>,
    estimated: Vec<bool>,
}

/// The requests of `rows`, which are together for each request, attempts and corrections in their order.
pub(crate) fn entries(rows: Vec<JoinedRow>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = vec![];
    for row in rows {
        match entries.last_mut() {
            Some(entry) if entry.id == row.id => entry.add(row),
            _ => {
                let mut entry = Entry::of(&row);
                entry.add(row);
                entries.push(entry);
            }
        }
    }
    entries
}

impl Entry {
    pub fn finish(self) -> RequestLog {
        // Part of a cost is no cost.
        let cost = self.cost.filter(|_| !self.unpriced.contains(&true)).map(Nanos::to_micros);
        RequestLog {
            cost_micros: cost,
            estimated: self.estimated.contains(&true),
            units: self.units.told(),
            ..self.log
        }
    }

    fn of(row: &JoinedRow) -> Self {
        let log = RequestLog {
            id: row.id.to_string(),
            created_at: Some(to_proto(row.created_at)),
            api_key_id: row.api_key_id.map(String::from).unwrap_or_default(),
            user_id: row.user_id.map(String::from).unwrap_or_default(),
            team_id: row.team_id.map(String::from).unwrap_or_default(),
            provider: row.provider.clone(),
            model: row.model.clone(),
            requested_model: row.requested_model.clone(),
            operation: row.operation.clone(),
            stream: row.stream,
            status_code: small(row.status_code),
            outcome: row.outcome.clone(),
            duration_ms: row.duration_ms,
            ttft_ms: (row.ttft_ms > 0).then_some(row.ttft_ms),
            error_code: row.error_code.clone(),
            error_message: row.error_message.clone(),
            dropped: row.dropped.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
            guardrails: guarded::read(&row.guardrails),
            ..RequestLog::default()
        };
        Self { id: row.id, log, units: UnitColumns::default(), cost: None, unpriced: vec![], estimated: vec![] }
    }

    fn add(&mut self, row: JoinedRow) {
        let Some(attempt) = row.attempt.map(small) else { return };
        let sum = |parts: &[Option<i64>]| parts.iter().flatten().sum::<i64>();
        let input = sum(&[
            row.input_tokens,
            row.cache_read_tokens,
            row.cache_write_5m_tokens,
            row.cache_write_1h_tokens,
            row.audio_input_tokens,
            row.image_input_tokens,
        ]);
        let output = sum(&[row.output_tokens, row.audio_output_tokens, row.image_output_tokens]);
        self.log.input_tokens += input;
        self.log.cached_input_tokens += row.cache_read_tokens.unwrap_or(0);
        self.log.output_tokens += output;
        self.log.reasoning_tokens += row.reasoning_tokens.unwrap_or(0);
        let units = UnitColumns {
            images: row.images.unwrap_or(0),
            audio_ms: row.audio_ms.unwrap_or(0),
            characters: row.characters.unwrap_or(0),
            searches: row.searches.unwrap_or(0),
        };
        self.units = self.units.plus(units);
        // An attempt that used nothing costs nothing, whatever its price is.
        let is_unpriced = row.cost_nanos.is_none() && (input != 0 || output != 0 || !units.is_nothing());
        if let Some(cost) = row.cost_nanos.map(Nanos) {
            self.cost = self.cost.unwrap_or(Nanos::ZERO).checked_add(cost);
        }
        let is_priced = row.cost_nanos.is_some();
        self.log.currency = row.currency.unwrap_or_default();
        self.log.price_version = row.price_version.unwrap_or_default();
        let credential = row.credential_owner.unwrap_or_default();
        self.log.credential.clone_from(&credential);
        let told = Attempt {
            attempt,
            provider: row.attempt_provider.unwrap_or_default(),
            model: row.attempt_model.unwrap_or_default(),
            outcome: row.attempt_outcome.unwrap_or_default(),
            provider_status: small(row.provider_status.unwrap_or(0)),
            duration_ms: row.attempt_duration_ms.unwrap_or(0),
            error_code: row.attempt_error_code.unwrap_or_default(),
            credential,
        };
        let estimated = row.estimated.unwrap_or(false);
        // A correction tells how the same attempt really ended.
        match (self.log.attempts.last_mut(), self.estimated.last_mut(), self.unpriced.last_mut()) {
            (Some(last), Some(last_estimated), Some(last_unpriced)) if last.attempt == attempt => {
                (*last, *last_estimated) = (told, estimated);
                // Its price may have become known later: the row that says so is for all of it.
                *last_unpriced = !is_priced && (*last_unpriced || is_unpriced);
            }
            _ => {
                self.log.attempts.push(told);
                self.estimated.push(estimated);
                self.unpriced.push(is_unpriced);
            }
        }
    }
}

fn small(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

//! A ledger of many rows, made by the database itself, with the roll-ups that the service would have written.

use chrono::{DateTime, TimeDelta, Utc};
use proto::id::WorkspaceId;
use store::{Db, Sql, SystemTx};
use uuid::Uuid;

/// When the rows begin.
pub fn first() -> DateTime<Utc> {
    "2026-11-01T00:00:00Z".parse().unwrap()
}

/// How long they go on.
pub const DAYS: i64 = 30;

/// Twelve models of four providers and 25 keys; one of 16 attempts failed. Evenly over [`DAYS`] days.
pub async fn rows(db: &Db, workspace: WorkspaceId, count: i64) {
    let apart = TimeDelta::days(DAYS).num_microseconds().unwrap() / count;
    for day in 0..DAYS {
        // The first row that is not before the day.
        let row = |day| (TimeDelta::days(day).num_microseconds().unwrap() + apart - 1) / apart;
        let (begin, end) = (row(day), if day + 1 == DAYS { count } else { row(day + 1) });
        let mut tx = SystemTx::begin(db, "test").await.unwrap();
        let values = [workspace.into(), first().into(), apart.into(), begin.into(), end.into()];
        tx.execute(LEDGER, &values).await.unwrap();
        tx.execute(LOGS, &values).await.unwrap();
        let id = |day| {
            let millis = (first() + TimeDelta::days(day)).timestamp_millis();
            Uuid::from_u64_pair(u64::try_from(millis).unwrap() << 16, 0)
        };
        for sql in [QUARTERS, MINUTES, SPANS] {
            tx.execute(sql, &[workspace.into(), id(day).into(), id(day + 1).into()]).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
    if !db.is_sqlite() {
        for table in ["ledger", "request_logs", "usage_quarters", "usage_minutes", "usage_spans"] {
            let mut tx = SystemTx::begin(db, "test").await.unwrap();
            let analyze: &'static str = format!("analyze {table}").leak();
            tx.execute(Sql { name: "test/analyze", postgres: analyze, sqlite: "" }, &[]).await.unwrap();
            tx.commit().await.unwrap();
        }
    }
}

/// $1 workspace, $2 the first time, $3 microseconds between rows, $4 and $5 numbers of the first row and beyond the last.
const LEDGER: Sql = Sql {
    name: "test/ledger",
    postgres: "insert into ledger (
            workspace_id, request_id, attempt, correction, kind, swept, provider, provider_kind, provider_id, model,
            api_key_id, user_id, operation, plan, credential_owner, input_tokens, cache_read_tokens,
            cache_write_5m_tokens, cache_write_1h_tokens, audio_input_tokens, image_input_tokens, output_tokens,
            audio_output_tokens, image_output_tokens, reasoning_tokens, estimated, outcome, error_code,
            provider_status, cost_nanos, list_cost_nanos, currency, price_version, duration_ms, ttft_ms, created_at,
            settled_at
        ) select $1, cast(lpad(to_hex(n.ms), 12, '0') || '7' || lpad(to_hex(n.n % 4096), 3, '0')
            || '8' || lpad(to_hex(n.n), 15, '0') as uuid), 1, 0, 'usage', false, 'provider-' || n.n % 4, 'openai', '',
            'model-' || n.n % 12, cast(lpad(to_hex(n.n / 12 % 25 + 1), 32, '0') as uuid), null, 'chat.completions',
            'free', 'workspace', 100, 20, 0, 0, 0, 0, 30, 0, 0, 5, false,
            case n.n % 16 when 0 then 'upstream_error' else 'completed' end, '', 200, 1500, 1500, 'USD', '1', 100, 10,
            n.at, n.at
        from (
            select n, $2 + n * cast($3 as bigint) * interval '1 microsecond' as at,
                cast(floor(extract(epoch from $2 + n * cast($3 as bigint) * interval '1 microsecond') * 1000) as bigint) as ms
            from generate_series(cast($4 as bigint), cast($5 as bigint) - 1) as g(n)
        ) as n",
    sqlite: "with recursive g(n) as (select $4 union all select n + 1 from g where n + 1 < $5)
        insert into ledger (
            workspace_id, request_id, attempt, correction, kind, swept, provider, provider_kind, provider_id, model,
            api_key_id, user_id, operation, plan, credential_owner, input_tokens, cache_read_tokens,
            cache_write_5m_tokens, cache_write_1h_tokens, audio_input_tokens, image_input_tokens, output_tokens,
            audio_output_tokens, image_output_tokens, reasoning_tokens, estimated, outcome, error_code,
            provider_status, cost_nanos, list_cost_nanos, currency, price_version, duration_ms, ttft_ms, created_at,
            settled_at
        ) select $1, unhex(printf('%012x7%03x8%015x', ($2 + n * $3) / 1000, n % 4096, n)), 1, 0, 'usage', 0,
            'provider-' || n % 4, 'openai', '', 'model-' || n % 12, unhex(printf('%032x', n / 12 % 25 + 1)), null,
            'chat.completions', 'free', 'workspace', 100, 20, 0, 0, 0, 0, 30, 0, 0, 5, 0,
            case n % 16 when 0 then 'upstream_error' else 'completed' end, '', 200, 1500, 1500, 'USD', '1', 100, 10,
            $2 + n * $3, $2 + n * $3
        from g",
};

/// Their requests, nearly all of which look alike: one in a million has another key, user, provider and model, and was
/// refused. $1 to $5 as in [`LEDGER`].
const LOGS: Sql = Sql {
    name: "test/request_logs",
    postgres: "insert into request_logs (
            workspace_id, id, api_key_id, user_id, operation, requested_model, stream, provider, model, status_code,
            outcome, duration_ms, ttft_ms, error_code, error_message, swept, created_at, dropped, explanation
        ) select $1, cast(lpad(to_hex(n.ms), 12, '0') || '7' || lpad(to_hex(n.n % 4096), 3, '0')
            || '8' || lpad(to_hex(n.n), 15, '0') as uuid),
            cast(lpad(to_hex(case n.n % 1000003 when 7 then 999 else 1 end), 32, '0') as uuid),
            cast(lpad(to_hex(case n.n % 1000003 when 7 then 999 else 1 end), 32, '0') as uuid), 'chat.completions',
            case n.n % 1000003 when 7 then 'asked-rarely' else 'model' end, false,
            case n.n % 1000003 when 7 then 'rare' else 'provider' end,
            case n.n % 1000003 when 7 then 'known-rarely' else 'model' end,
            case n.n % 1000003 when 7 then 429 else 200 end,
            case n.n % 1000003 when 7 then 'rejected' else 'completed' end, 100, 10, '', '', false, n.at, '', ''
        from (
            select n, $2 + n * cast($3 as bigint) * interval '1 microsecond' as at,
                cast(floor(extract(epoch from $2 + n * cast($3 as bigint) * interval '1 microsecond') * 1000) as bigint) as ms
            from generate_series(cast($4 as bigint), cast($5 as bigint) - 1) as g(n)
        ) as n",
    sqlite: "with recursive g(n) as (select $4 union all select n + 1 from g where n + 1 < $5)
        insert into request_logs (
            workspace_id, id, api_key_id, user_id, operation, requested_model, stream, provider, model, status_code,
            outcome, duration_ms, ttft_ms, error_code, error_message, swept, created_at, dropped, explanation
        ) select $1, unhex(printf('%012x7%03x8%015x', ($2 + n * $3) / 1000, n % 4096, n)),
            unhex(printf('%032x', case n % 1000003 when 7 then 999 else 1 end)),
            unhex(printf('%032x', case n % 1000003 when 7 then 999 else 1 end)), 'chat.completions',
            case n % 1000003 when 7 then 'asked-rarely' else 'model' end, 0,
            case n % 1000003 when 7 then 'rare' else 'provider' end,
            case n % 1000003 when 7 then 'known-rarely' else 'model' end,
            case n % 1000003 when 7 then 429 else 200 end,
            case n % 1000003 when 7 then 'rejected' else 'completed' end, 100, 10, '', '', 0, $2 + n * $3, '', ''
        from g",
};

/// The roll-up by quarter of an hour: $1 workspace, $2 and $3 the ids of a day.
const QUARTERS: Sql = Sql {
    name: "test/usage_quarters",
    postgres: "insert into usage_quarters (
            workspace_id, at, provider, model, api_key_id, user_id, credential_owner, plan, operation, currency,
            requests, attempts, failed, input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens,
            audio_input_tokens, image_input_tokens, output_tokens, audio_output_tokens, image_output_tokens,
            reasoning_tokens, cost_nanos, list_cost_nanos, priced, unpriced
        ) select workspace_id, date_bin('15 minutes', created_at, timestamptz 'epoch'), provider, model, api_key_id,
            cast('00000000-0000-0000-0000-000000000000' as uuid), credential_owner, plan, operation, currency,
            count(*), count(*), sum(case outcome when 'completed' then 0 else 1 end),
            sum(input_tokens), sum(cache_read_tokens), sum(cache_write_5m_tokens), sum(cache_write_1h_tokens),
            sum(audio_input_tokens), sum(image_input_tokens), sum(output_tokens), sum(audio_output_tokens),
            sum(image_output_tokens), sum(reasoning_tokens), sum(cost_nanos), sum(list_cost_nanos), count(*), 0
        from ledger where workspace_id = $1 and request_id >= $2 and request_id < $3
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10",
    sqlite: "insert into usage_quarters (
            workspace_id, at, provider, model, api_key_id, user_id, credential_owner, plan, operation, currency,
            requests, attempts, failed, input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens,
            audio_input_tokens, image_input_tokens, output_tokens, audio_output_tokens, image_output_tokens,
            reasoning_tokens, cost_nanos, list_cost_nanos, priced, unpriced
        ) select workspace_id, created_at / 900000000 * 900000000, provider, model, api_key_id,
            zeroblob(16), credential_owner, plan, operation, currency,
            count(*), count(*), sum(case outcome when 'completed' then 0 else 1 end),
            sum(input_tokens), sum(cache_read_tokens), sum(cache_write_5m_tokens), sum(cache_write_1h_tokens),
            sum(audio_input_tokens), sum(image_input_tokens), sum(output_tokens), sum(audio_output_tokens),
            sum(image_output_tokens), sum(reasoning_tokens), sum(cost_nanos), sum(list_cost_nanos), count(*), 0
        from ledger where workspace_id = $1 and request_id >= $2 and request_id < $3
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10",
};

/// The roll-up by minute: $1 workspace, $2 and $3 the ids of a day.
const MINUTES: Sql = Sql {
    name: "test/usage_minutes",
    postgres: "insert into usage_minutes (
            workspace_id, at, provider, model, api_key_id, user_id, credential_owner, plan, operation, currency,
            requests, attempts, failed, input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens,
            audio_input_tokens, image_input_tokens, output_tokens, audio_output_tokens, image_output_tokens,
            reasoning_tokens, cost_nanos, list_cost_nanos, priced, unpriced
        ) select workspace_id, date_bin('1 minute', created_at, timestamptz 'epoch'), provider, model, api_key_id,
            cast('00000000-0000-0000-0000-000000000000' as uuid), credential_owner, plan, operation, currency,
            count(*), count(*), sum(case outcome when 'completed' then 0 else 1 end),
            sum(input_tokens), sum(cache_read_tokens), sum(cache_write_5m_tokens), sum(cache_write_1h_tokens),
            sum(audio_input_tokens), sum(image_input_tokens), sum(output_tokens), sum(audio_output_tokens),
            sum(image_output_tokens), sum(reasoning_tokens), sum(cost_nanos), sum(list_cost_nanos), count(*), 0
        from ledger where workspace_id = $1 and request_id >= $2 and request_id < $3
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10",
    sqlite: "insert into usage_minutes (
            workspace_id, at, provider, model, api_key_id, user_id, credential_owner, plan, operation, currency,
            requests, attempts, failed, input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens,
            audio_input_tokens, image_input_tokens, output_tokens, audio_output_tokens, image_output_tokens,
            reasoning_tokens, cost_nanos, list_cost_nanos, priced, unpriced
        ) select workspace_id, created_at / 60000000 * 60000000, provider, model, api_key_id,
            zeroblob(16), credential_owner, plan, operation, currency,
            count(*), count(*), sum(case outcome when 'completed' then 0 else 1 end),
            sum(input_tokens), sum(cache_read_tokens), sum(cache_write_5m_tokens), sum(cache_write_1h_tokens),
            sum(audio_input_tokens), sum(image_input_tokens), sum(output_tokens), sum(audio_output_tokens),
            sum(image_output_tokens), sum(reasoning_tokens), sum(cost_nanos), sum(list_cost_nanos), count(*), 0
        from ledger where workspace_id = $1 and request_id >= $2 and request_id < $3
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10",
};

/// The roll-ups by hour and day, of the quarters of a day: $1 workspace, $2 and $3 the ids of a day.
const SPANS: Sql = Sql {
    name: "test/usage_spans",
    postgres: "insert into usage_spans (
            workspace_id, span, face, at, provider, model, api_key_id, user_id, plan, currency, requests, attempts,
            failed, input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, audio_input_tokens,
            image_input_tokens, output_tokens, audio_output_tokens, image_output_tokens, reasoning_tokens, cost_nanos,
            list_cost_nanos, priced, unpriced
        ) select workspace_id, s.span, f.face, date_bin(s.width, at, timestamptz 'epoch'),
            case f.face when 'model' then provider else '' end, case f.face when 'model' then model else '' end,
            case f.face when 'caller' then api_key_id else cast('00000000-0000-0000-0000-000000000000' as uuid) end,
            cast('00000000-0000-0000-0000-000000000000' as uuid), case f.face when 'plan' then plan else '' end, currency,
            sum(requests), sum(attempts), sum(failed),
            sum(input_tokens), sum(cache_read_tokens), sum(cache_write_5m_tokens), sum(cache_write_1h_tokens),
            sum(audio_input_tokens), sum(image_input_tokens), sum(output_tokens), sum(audio_output_tokens),
            sum(image_output_tokens), sum(reasoning_tokens), sum(cost_nanos), sum(list_cost_nanos), sum(priced), sum(unpriced)
        from usage_quarters cross join (values ('hour', interval '1 hour'), ('day', interval '1 day')) as s(span, width) cross join (values ('model'), ('caller'), ('plan')) as f(face)
        where workspace_id = $1 and at >= date_bin('1 day', (select created_at from ledger where workspace_id = $1 and request_id >= $2 and request_id < $3 order by request_id limit 1), timestamptz 'epoch') and at < date_bin('1 day', (select created_at from ledger where workspace_id = $1 and request_id >= $2 and request_id < $3 order by request_id limit 1), timestamptz 'epoch') + interval '1 day'
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10",
    sqlite: "with s(span, width) as (values ('hour', 3600000000), ('day', 86400000000)),
            f(face) as (values ('model'), ('caller'), ('plan'))
        insert into usage_spans (
            workspace_id, span, face, at, provider, model, api_key_id, user_id, plan, currency, requests, attempts,
            failed, input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, audio_input_tokens,
            image_input_tokens, output_tokens, audio_output_tokens, image_output_tokens, reasoning_tokens, cost_nanos,
            list_cost_nanos, priced, unpriced
        ) select workspace_id, s.span, f.face, at / s.width * s.width,
            case f.face when 'model' then provider else '' end, case f.face when 'model' then model else '' end,
            case f.face when 'caller' then api_key_id else zeroblob(16) end,
            zeroblob(16), case f.face when 'plan' then plan else '' end, currency,
            sum(requests), sum(attempts), sum(failed),
            sum(input_tokens), sum(cache_read_tokens), sum(cache_write_5m_tokens), sum(cache_write_1h_tokens),
            sum(audio_input_tokens), sum(image_input_tokens), sum(output_tokens), sum(audio_output_tokens),
            sum(image_output_tokens), sum(reasoning_tokens), sum(cost_nanos), sum(list_cost_nanos), sum(priced), sum(unpriced)
        from usage_quarters cross join s cross join f
        where workspace_id = $1 and at >= (select created_at from ledger where workspace_id = $1 and request_id >= $2 order by request_id limit 1) / 86400000000 * 86400000000
            and at < (select created_at from ledger where workspace_id = $1 and request_id >= $2 order by request_id limit 1) / 86400000000 * 86400000000 + 86400000000
        group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10",
};

-- A page of requests, newest first, each with the ledger rows of its attempts.
-- $2 and $3 bound the id, which rises with time, so that the primary key finds the page; times decide exactly.
-- $12 says by which column the page is found. Each has an index of its own, because a value that is rare would otherwise
-- be looked for in the whole period; all but the branch that $12 names cost nothing. SQLite has to be told, as
-- it takes any index that begins with the workspace for as good as the primary key.
-- A model is found by two of them: as it was asked for, and as its provider knows it where that is another name.
-- Each branch ends by itself once it has a page: PostgreSQL reads a branch without an order of its own to its end.
with page as (
    select *
    from (
        select * from (
            select * from request_logs
            where $12 = 'time'
                and workspace_id = $1 and id < $2 and id >= $3 and created_at >= $4 and created_at < $5
                and ($6 is null or provider = $6) and ($7 is null or model = $7 or requested_model = $7)
                and ($8 is null or status_code = $8) and ($9 is null or outcome = $9)
                and ($10 is null or api_key_id = $10) and ($11 is null or user_id = $11)
                and ($14 is null or team_id = $14)
            order by id desc
            limit $13
        ) branch_1
        union all
        select * from (
            select * from request_logs indexed by request_logs_by_key
            where $12 = 'api_key_id' and api_key_id = $10
                and workspace_id = $1 and id < $2 and id >= $3 and created_at >= $4 and created_at < $5
                and ($6 is null or provider = $6) and ($7 is null or model = $7 or requested_model = $7)
                and ($8 is null or status_code = $8) and ($9 is null or outcome = $9)
                and ($10 is null or api_key_id = $10) and ($11 is null or user_id = $11)
                and ($14 is null or team_id = $14)
            order by id desc
            limit $13
        ) branch_2
        union all
        select * from (
            select * from request_logs indexed by request_logs_by_user
            where $12 = 'user_id' and user_id = $11
                and workspace_id = $1 and id < $2 and id >= $3 and created_at >= $4 and created_at < $5
                and ($6 is null or provider = $6) and ($7 is null or model = $7 or requested_model = $7)
                and ($8 is null or status_code = $8) and ($9 is null or outcome = $9)
                and ($10 is null or api_key_id = $10) and ($11 is null or user_id = $11)
                and ($14 is null or team_id = $14)
            order by id desc
            limit $13
        ) branch_3
        union all
        select * from (
            select * from request_logs indexed by request_logs_by_outcome
            where $12 = 'outcome' and outcome = $9 and outcome <> 'completed'
                and workspace_id = $1 and id < $2 and id >= $3 and created_at >= $4 and created_at < $5
                and ($6 is null or provider = $6) and ($7 is null or model = $7 or requested_model = $7)
                and ($8 is null or status_code = $8) and ($9 is null or outcome = $9)
                and ($10 is null or api_key_id = $10) and ($11 is null or user_id = $11)
                and ($14 is null or team_id = $14)
            order by id desc
            limit $13
        ) branch_4
        union all
        select * from (
            select * from request_logs indexed by request_logs_by_status
            where $12 = 'status' and status_code = $8 and status_code <> 200
                and workspace_id = $1 and id < $2 and id >= $3 and created_at >= $4 and created_at < $5
                and ($6 is null or provider = $6) and ($7 is null or model = $7 or requested_model = $7)
                and ($8 is null or status_code = $8) and ($9 is null or outcome = $9)
                and ($10 is null or api_key_id = $10) and ($11 is null or user_id = $11)
                and ($14 is null or team_id = $14)
            order by id desc
            limit $13
        ) branch_5
        union all
        select * from (
            select * from request_logs indexed by request_logs_by_requested
            where $12 = 'model' and requested_model = $7
                and workspace_id = $1 and id < $2 and id >= $3 and created_at >= $4 and created_at < $5
                and ($6 is null or provider = $6) and ($7 is null or model = $7 or requested_model = $7)
                and ($8 is null or status_code = $8) and ($9 is null or outcome = $9)
                and ($10 is null or api_key_id = $10) and ($11 is null or user_id = $11)
                and ($14 is null or team_id = $14)
            order by id desc
            limit $13
        ) branch_6
        union all
        select * from (
            select * from request_logs indexed by request_logs_by_model
            where $12 = 'model' and model = $7 and model <> requested_model
                and workspace_id = $1 and id < $2 and id >= $3 and created_at >= $4 and created_at < $5
                and ($6 is null or provider = $6) and ($7 is null or model = $7 or requested_model = $7)
                and ($8 is null or status_code = $8) and ($9 is null or outcome = $9)
                and ($10 is null or api_key_id = $10) and ($11 is null or user_id = $11)
                and ($14 is null or team_id = $14)
            order by id desc
            limit $13
        ) branch_7
        union all
        select * from (
            select * from request_logs indexed by request_logs_by_provider
            where $12 = 'provider' and provider = $6 and provider <> ''
                and workspace_id = $1 and id < $2 and id >= $3 and created_at >= $4 and created_at < $5
                and ($6 is null or provider = $6) and ($7 is null or model = $7 or requested_model = $7)
                and ($8 is null or status_code = $8) and ($9 is null or outcome = $9)
                and ($10 is null or api_key_id = $10) and ($11 is null or user_id = $11)
                and ($14 is null or team_id = $14)
            order by id desc
            limit $13
        ) branch_8
        union all
        select * from (
            select * from request_logs indexed by request_logs_by_team
            where $12 = 'team_id' and team_id = $14
                and workspace_id = $1 and id < $2 and id >= $3 and created_at >= $4 and created_at < $5
                and ($6 is null or provider = $6) and ($7 is null or model = $7 or requested_model = $7)
                and ($8 is null or status_code = $8) and ($9 is null or outcome = $9)
                and ($10 is null or api_key_id = $10) and ($11 is null or user_id = $11)
                and ($14 is null or team_id = $14)
            order by id desc
            limit $13
        ) branch_9
    ) found
    order by id desc
    limit $13
)
select
    p.*,
    l.attempt, l.correction, l.provider as attempt_provider, l.model as attempt_model, l.outcome as attempt_outcome,
    l.error_code as attempt_error_code, l.credential_owner, l.provider_status, l.duration_ms as attempt_duration_ms,
    l.estimated,
    l.input_tokens, l.cache_read_tokens, l.cache_write_5m_tokens, l.cache_write_1h_tokens, l.audio_input_tokens,
    l.image_input_tokens, l.output_tokens, l.audio_output_tokens, l.image_output_tokens, l.reasoning_tokens, l.images,
    l.audio_ms, l.characters, l.searches, l.cost_nanos, l.currency, l.price_version
from page p
left join ledger l on l.workspace_id = p.workspace_id and l.request_id = p.id
order by p.id desc, l.attempt, l.correction

-- Two replicas may apply the same feed at different speeds: the later event wins, not the later writer.
insert into balances (workspace_id, position, currency, allowance_nanos, charged_nanos, charged_to, updated_at)
values ($1, $2, $3, $4, 0, $5, $6)
on conflict (workspace_id) do update
set position = excluded.position, currency = excluded.currency, allowance_nanos = excluded.allowance_nanos,
    charged_nanos = excluded.charged_nanos, charged_to = excluded.charged_to, updated_at = excluded.updated_at
where balances.position < excluded.position

-- Changes nothing: the row stays locked until the transaction ends, on both databases, so that what was read is still
-- true when it is written back.
update workspaces set updated_at = updated_at
where workspace_id = $1
returning workspace_id, name, plan, currency, time_zone, locale, limits, per_user, per_model, created_at,
    deleted_at, purge_at

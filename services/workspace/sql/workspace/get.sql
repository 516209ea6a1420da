select workspace_id, name, plan, currency, time_zone, locale, limits, per_user, per_model, created_at,
    deleted_at, purge_at
from workspaces
where workspace_id = $1

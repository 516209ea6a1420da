select workspace_id, name, plan, currency, time_zone, locale, rpm, tpm, concurrency, created_at
from workspaces
where workspace_id = $1

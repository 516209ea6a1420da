select grant_id, category, currency, amount, note, created_at, expires_at
from credit_grants where workspace_id = $1 and grant_id = $2

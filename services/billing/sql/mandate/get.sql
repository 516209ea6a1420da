select mandate_id, provider, reference, status, currency, billing_interval, first_at, instructions, created_at
from mandates where workspace_id = $1 and mandate_id = $2

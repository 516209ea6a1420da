update webhooks
set sealed_before = case when $4 is null then null else sealed_secret end, before_until = $4, sealed_secret = $3, updated_at = $5
where workspace_id = $1 and webhook_id = $2

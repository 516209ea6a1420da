-- Nothing where somebody has changed it since $5: what came of an attempt before that says nothing of it any more.
update webhooks set enabled = false, disabled_because = $3, updated_at = $4
where workspace_id = $1 and webhook_id = $2 and enabled and updated_at = $5

update subscriptions set due_at = $2 where workspace_id = $1

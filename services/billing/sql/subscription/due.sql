select workspace_id from subscriptions where due_at <= $1 order by due_at limit 100

-- Changes nothing: the row stays locked until the transaction ends, so that what is asked next sees what others have added.
update webhooks set updated_at = updated_at where workspace_id = $1 and webhook_id = $2 returning claimed_until, updated_at

-- Changes nothing: the row stays locked until the transaction ends, on both databases.
update customers set updated_at = updated_at where workspace_id = $1

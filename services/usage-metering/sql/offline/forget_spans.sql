-- They are made again from the ledger, in the same transaction.
delete from usage_spans where workspace_id = $1 and at >= $2 and at < $3

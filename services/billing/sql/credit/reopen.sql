-- Something is left of them again, which an invoice gives back. Those that have expired do so once more.
update credit_grants set is_over = false where workspace_id = $1 and grant_id = $2

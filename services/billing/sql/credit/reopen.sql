-- Something may be left of them again: those that have expired do so once more.
update credit_grants set is_over = false where workspace_id = $1 and is_over

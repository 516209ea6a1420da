-- Somebody else has given another role in place of the one that the directory has said.
update directory_users
set role = $4, version = version + 1, updated_at = $3
where workspace_id = $1 and user_id = $2 and role <> '' and role <> $4 and not pending and updated_at < $3
    and deleted_at is null

-- Somebody else has ended the membership. What the directory has said since stands.
update directory_users
set active = false, role_before = $4, version = version + 1, updated_at = $3
where workspace_id = $1 and user_id = $2 and active and not pending and updated_at < $3 and deleted_at is null

-- Somebody else has ended the membership: what they were then is not for the directory to give back. What it has said since stands.
update directory_users
set active = false, role_before = '', version = version + 1, updated_at = $3
where workspace_id = $1 and user_id = $2 and active and not pending and updated_at < $3 and deleted_at is null

-- Changes nothing: the row stays locked until the transaction ends, on both databases.
update directory_users set updated_at = updated_at
where workspace_id = $1 and user_id = $2
returning workspace_id, user_id, user_name, external_id, display_name, formatted_name, given_name, family_name, emails, active,
    role, role_before, made_account, version, pending, undo, asked_scopes, created_at, updated_at, deleted_at

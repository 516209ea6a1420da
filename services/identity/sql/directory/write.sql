update directory_users
set user_name = $3, external_id = $4, display_name = $5, formatted_name = $6, given_name = $7, family_name = $8,
    emails = $9, active = $10, role = $11, asked_scopes = $12, next_at = $13, pending = $14, undo = $15,
    updated_at = $16, deleted_at = $17, version = version + 1
where workspace_id = $1 and user_id = $2

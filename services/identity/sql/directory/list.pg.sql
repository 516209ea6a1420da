select workspace_id, user_id, user_name, external_id, display_name, formatted_name, given_name, family_name, emails, active,
    role, role_before, made_account, version, pending, undo, asked_scopes, created_at, updated_at, deleted_at
from directory_users
where workspace_id = $1 and deleted_at is null
    and ($2::text is null or user_name = $2) and ($3::text is null or external_id = $3)
    and ($4::jsonb is null or user_id in (select value::uuid from jsonb_array_elements_text($4)))
order by created_at, user_id
limit $5 offset $6

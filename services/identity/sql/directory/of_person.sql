select workspace_id, user_name, external_id, display_name, formatted_name, given_name, family_name, emails, active, role,
    created_at, updated_at
from directory_users
where user_id = $1 and deleted_at is null
order by created_at

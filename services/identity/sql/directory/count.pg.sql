select count(*) as total
from directory_users
where workspace_id = $1 and deleted_at is null
    and ($2::text is null or user_name = $2) and ($3::text is null or external_id = $3)
    and ($4::jsonb is null or user_id in (select value::uuid from jsonb_array_elements_text($4)))

select exists (
    select 1 from directory_users
    where workspace_id = $1 and user_id = $2 and (not active or deleted_at is not null)
)

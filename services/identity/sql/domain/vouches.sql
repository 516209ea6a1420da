select exists (
    select 1 from domains
    where workspace_id = $1 and domain = $2 and verified_at is not null and missing_since is null
)

select domain from domains where workspace_id = $1 and verified_at is not null order by domain

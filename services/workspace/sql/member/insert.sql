insert into members (member_id, workspace_id, user_id, role, created_at)
values ($1, $2, $3, $4, $5)

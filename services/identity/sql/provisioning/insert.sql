insert into provisioning (user_id, workspace_id, workspace_name, next_at)
values ($1, $2, $3, $4)

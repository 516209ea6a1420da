insert into provisioning (user_id, chosen_workspace_id, workspace_name, next_at)
values ($1, $2, $3, $4)

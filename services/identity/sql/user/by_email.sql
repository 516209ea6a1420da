select u.id, u.email, u.name, u.locale, u.created_at, u.disabled_at, r.role as platform_role, u.password_hash,
    p.chosen_workspace_id as pending_workspace_id, p.workspace_name as pending_workspace_name
from users u
left join platform_roles r on r.user_id = u.id
left join provisioning p on p.user_id = u.id
where u.email = $1

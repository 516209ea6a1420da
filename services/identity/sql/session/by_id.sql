select s.id, s.user_id, s.current_workspace_id as workspace_id, s.secret, s.generation, s.rotated_at, s.last_used_at,
    s.expires_at, s.ended_at, s.mfa_at, s.created_at as opened_at, s.sso_connection_id, u.email, u.name, u.locale, u.created_at, u.disabled_at, u.email_verified_at,
    u.mfa_enabled_at, r.role as platform_role, i.operator_id as impersonator_id,
    (select count(*) from passkeys p where p.user_id = s.user_id) as passkeys
from sessions s
join users u on u.id = s.user_id
left join platform_roles r on r.user_id = u.id
left join impersonations i on i.id = s.id
where s.id = $1

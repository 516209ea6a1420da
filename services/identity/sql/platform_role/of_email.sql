select u.id, u.disabled_at, u.mfa_enabled_at, r.role
from users u
left join platform_roles r on r.user_id = u.id
where u.email = $1

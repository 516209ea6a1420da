select u.id, u.email, u.name, u.locale, u.created_at, u.disabled_at, u.email_verified_at, u.mfa_enabled_at, r.role as platform_role
from users u
left join platform_roles r on r.user_id = u.id
where u.id = $1

select u.id, u.disabled_at, u.mfa_enabled_at, r.role,
    (select count(*) from passkeys p where p.user_id = u.id) as passkeys
from users u
left join platform_roles r on r.user_id = u.id
where u.email = $1

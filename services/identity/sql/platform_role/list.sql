select u.id, u.email, u.name, r.role, r.granted_at, r.granted_by
from platform_roles r
join users u on u.id = r.user_id
order by r.granted_at, u.id

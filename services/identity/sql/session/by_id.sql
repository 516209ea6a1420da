select s.id, s.user_id, s.current_workspace_id as workspace_id, s.secret, s.generation, s.rotated_at, s.last_used_at,
    s.expires_at, s.ended_at, u.email, u.name, u.locale, u.created_at, u.disabled_at
from sessions s
join users u on u.id = s.user_id
where s.id = $1

-- Those that nobody can use any more, and that nobody has ended: their time is over, what they stood on has changed, or their session
-- has gone without a word.
select i.id, i.user_id,
    case
        when i.expires_at <= $1 then 'expired'
        when coalesce(r.role, '') <> 'admin' then 'role_revoked'
        when o.id is null or o.ended_at is not null or o.expires_at <= $1 then 'operator_left'
        when u.id is null or u.disabled_at is not null or t.role is not null then 'account_changed'
        else 'ended'
    end as reason
from impersonations i
left join sessions s on s.id = i.id
left join users u on u.id = i.user_id
left join platform_roles t on t.user_id = i.user_id
left join platform_roles r on r.user_id = i.operator_id
left join sessions o on o.id = i.operator_session_id
where i.ended_at is null
    and (i.expires_at <= $1 or coalesce(r.role, '') <> 'admin'
        or o.id is null or o.ended_at is not null or o.expires_at <= $1
        or s.id is null or s.ended_at is not null
        or u.id is null or u.disabled_at is not null or t.role is not null)
order by i.id
limit 100

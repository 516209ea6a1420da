-- People of the whole installation: those whose addresses are of the domain, with the sessions that began otherwise. What a
-- domain is written with is nothing that `like` knows.
select s.id, s.user_id, s.mfa_at is not null as has_mfa
from sessions s
join users u on u.id = s.user_id
left join platform_roles r on r.user_id = u.id
where s.ended_at is null and r.role is null and u.email like '%@' || $2
    and (s.sso_connection_id is null or s.sso_connection_id <> $1)
order by s.id

-- People are global and may be unknown for a moment: their name arrives with identity's feed.
select m.member_id, m.user_id, m.role, m.created_at, p.email, p.name
from members m
left join people p on p.user_id = m.user_id
where m.workspace_id = $1 and m.member_id < $2
order by m.member_id desc
limit $3

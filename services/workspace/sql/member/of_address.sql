-- Whether somebody with this address is a member already, as far as it is known.
select m.role
from members m
join people p on p.user_id = m.user_id
where m.workspace_id = $1 and p.email = $2

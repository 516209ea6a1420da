-- Those among them who are no members of the workspace.
select u.id as user_id
from (select unhex(value, '-') as id from json_each($2)) u
where not exists (select 1 from members m where m.workspace_id = $1 and m.user_id = u.id)
order by u.id
limit 5

-- Those among them who are no members of the workspace.
select u.id as user_id
from (select cast(value as uuid) as id from jsonb_array_elements_text($2) as a (value)) u
where not exists (select 1 from members m where m.workspace_id = $1 and m.user_id = u.id)
order by u.id
limit 5

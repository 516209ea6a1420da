-- What its letter says beside: the workspace, and who invited, if that is a person.
select w.name as workspace, p.name as inviter
from workspaces w
left join people p on p.user_id = $2
where w.workspace_id = $1

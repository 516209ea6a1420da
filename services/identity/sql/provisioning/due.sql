select p.chosen_workspace_id as workspace_id, p.workspace_name, u.id as user_id, u.email, u.name, u.locale
from provisioning p
join users u on u.id = p.user_id
where p.next_at <= $1
order by p.next_at
limit 100

-- There are so few that they come at once.
select name, description, permissions, created_at, updated_at
from roles
where workspace_id = $1
order by name

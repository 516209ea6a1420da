select *
from exports
where workspace_id = $1 and id = $2

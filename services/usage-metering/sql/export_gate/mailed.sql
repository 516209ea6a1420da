select mailed
from export_gates
where workspace_id = $1 and mailed_on = $2

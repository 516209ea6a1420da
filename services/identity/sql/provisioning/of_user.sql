select chosen_workspace_id as workspace_id, workspace_name
from provisioning
where user_id = $1

select bytes
from export_chunks
where workspace_id = $1 and export_id = $2 and try = $3 and number = $4

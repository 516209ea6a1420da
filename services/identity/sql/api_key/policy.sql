select rpm, tpm, concurrency
from api_keys
where workspace_id = $1 and id = $2 and deleted_at is null

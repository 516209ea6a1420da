select document, changed_at
from price_overrides
where workspace_id = $1

-- What workspaces agreed on since a time.
select workspace_id, document
from price_overrides
where changed_at >= $1

-- When the oldest request arrived that anything is known of.
select min(oldest.at) as at
from (
    select min(created_at) as at from ledger
    union all
    select min(created_at) as at from request_logs
) as oldest

-- The ends of chains after that of workspace $1, in a round of the rotation of the master key.
select workspace_id, seq, hash, at, signature
from audit_heads
where seq > 0 and ($1 is null or workspace_id > $1)
order by workspace_id
limit 200

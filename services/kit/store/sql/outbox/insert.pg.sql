-- The lock makes positions rise in commit order: whoever draws one has waited until everybody who drew a lower one has
-- committed. A reader that has seen a position has therefore seen every lower one that will ever be. Materialized, so
-- that the lock is taken before the row's position is drawn.
with held as materialized (select pg_advisory_xact_lock($9))
insert into outbox (id, kind, workspace_id, subject, actor, at, request_id, payload)
select $1, $2, $3, $4, $5, $6, $7, $8
from held

-- A workspace that keeps responses for fewer days means those that it has as well.
update responses set until = least(until, created_at + cast($2 as bigint) * interval '1 day') where workspace_id = $1

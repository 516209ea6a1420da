-- A workspace that keeps responses for fewer days means those that it has as well. Times are microseconds.
update responses set until = min(until, created_at + $2 * 86400000000) where workspace_id = $1

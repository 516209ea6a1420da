-- Nobody is left who could restore it.
update workspaces
set deleted_at = coalesce(deleted_at, $2), purge_at = $2
where workspace_id = $1 and (purge_at is null or purge_at > $2)

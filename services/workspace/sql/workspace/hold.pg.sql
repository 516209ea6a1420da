-- It is not deleted before the transaction ends.
select workspace_id from workspaces where workspace_id = $1 for key share

delete from answers where workspace_id = $1 and done

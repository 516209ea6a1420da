select count(*) as providers from providers where workspace_id = $1

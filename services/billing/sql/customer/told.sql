update customers set credits_told = $2 where workspace_id = $1 and credits_told < $2

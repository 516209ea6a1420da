select customer from provider_customers where workspace_id = $1 and provider = $2

select details from customers where workspace_id = $1

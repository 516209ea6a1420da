select workspace_id from customers where credits_told < $1 limit 100

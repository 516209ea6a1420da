select workspace_id, position, currency, allowance_nanos, charged_nanos, charged_to from balances

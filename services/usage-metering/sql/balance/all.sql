select workspace_id, position, currency, allowance_nanos, charged_nanos from balances

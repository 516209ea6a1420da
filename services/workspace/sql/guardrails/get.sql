select settings from guardrails where workspace_id = $1

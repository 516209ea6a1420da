-- How a swept request really ended, when its last attempt is settled after all.
update request_logs
set status_code = $3, outcome = $4, duration_ms = $5, ttft_ms = $6, error_code = $7, error_message = $8, dropped = $9,
    guardrails = $10, explanation = $11, swept = false
where workspace_id = $1 and id = $2 and swept

-- What is admitted and not settled.
select
    request_id,
    api_key_id,
    user_id,
    team_id,
    model,
    credential_owner,
    attempt,
    estimated_input_tokens + estimated_output_tokens as tokens,
    reserved,
    created_at
from open_grants
where workspace_id = $1

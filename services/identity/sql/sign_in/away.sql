select id
from sign_in_flows
where key_sha256 = $1 and stage = 'away' and provider = $2 and browser_sha256 = $3 and expires_at > $4

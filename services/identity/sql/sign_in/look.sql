select id, provider, browser_sha256, challenge, held
from sign_in_flows
where key_sha256 = $1 and stage in ('back', 'code') and expires_at > $2

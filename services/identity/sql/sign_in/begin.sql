insert into sign_in_flows (id, provider, stage, key_sha256, browser_sha256, challenge, redirect_to, held, expires_at)
values ($1, $2, 'away', $3, $4, $5, $6, $7, $8)

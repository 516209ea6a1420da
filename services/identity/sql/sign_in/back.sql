update sign_in_flows
set stage = 'back', key_sha256 = $2, held = $3, expires_at = $4
where id = $1 and stage = 'asking'

-- Once: a code is no session.
update sign_in_flows
set stage = 'code', expires_at = $2
where key_sha256 = $1 and stage = 'back'

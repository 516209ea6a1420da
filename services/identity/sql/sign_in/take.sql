-- Of two answers to one state one gets it; what another browser sends changes nothing.
update sign_in_flows
set stage = 'asking'
where key_sha256 = $1 and stage = 'away' and provider = $2 and browser_sha256 = $3 and expires_at > $4
returning id, redirect_to, held

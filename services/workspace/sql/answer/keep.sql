-- Whoever lost the place meanwhile keeps nothing.
update answers set done = true, sealed = $4, until = $5
where workspace_id = $1 and key_sha256 = $2 and holder = $3 and not done

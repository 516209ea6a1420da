update signing_keys
set retire_at = $2
where generation < $1 and retire_at is null

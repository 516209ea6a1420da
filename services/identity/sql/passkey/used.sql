-- Of two answers with the same count one is a copy's: what is written is always more than before, or 0 where none is kept.
update passkeys
set credential = $2, sign_count = $3, backed_up = $4, last_used_at = $5
where id = $1 and (sign_count < $3 or (sign_count = 0 and $3 = 0))

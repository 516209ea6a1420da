-- Of several who show the same code at once one changes the row: a code works once, and none before it any more.
update totp_factors
set last_step = $2
where user_id = $1 and last_step < $2 and confirmed_at is not null

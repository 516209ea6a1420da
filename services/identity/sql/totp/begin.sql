-- One that is in force stays: whoever set it up removes it first.
insert into totp_factors (user_id, secret, created_at, confirmed_at, last_step)
values ($1, $2, $3, null, 0)
on conflict (user_id) do update
set secret = $2, created_at = $3, last_step = 0
where totp_factors.confirmed_at is null

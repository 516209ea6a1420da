insert into signing_keys (kid, generation, public_key, private_key, created_at, active_from)
values ($1, $2, $3, $4, $5, $6)
on conflict (generation) do nothing

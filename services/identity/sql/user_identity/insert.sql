-- One that is linked already inserts nothing rather than failing: a failed statement would end the transaction on PostgreSQL.
insert into user_identities (id, user_id, provider, issuer, subject, email, created_at, last_used_at)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (issuer, subject) do nothing

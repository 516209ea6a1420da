-- A taken address inserts nothing rather than failing: a failed statement would end the transaction on PostgreSQL.
insert into users (id, email, password_hash, name, locale, created_at, email_verified_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (email) do nothing

-- A taken address changes nothing rather than failing: a failed statement would end the transaction on PostgreSQL.
update users
set email = $2, email_verified_at = $3
where id = $1 and disabled_at is null and not exists (select 1 from users other where other.email = $2)

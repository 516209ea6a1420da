update user_identities
set last_used_at = $2, email = $3
where id = $1

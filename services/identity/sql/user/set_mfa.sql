update users
set mfa_enabled_at = $2
where id = $1

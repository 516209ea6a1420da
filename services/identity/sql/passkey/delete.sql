delete from passkeys
where id = $1 and user_id = $2

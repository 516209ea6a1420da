delete from user_identities
where id = $1 and user_id = $2

delete from user_identities
where user_id = $1

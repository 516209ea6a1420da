-- All but the one that the account was made with.
delete from user_identities
where user_id = $1 and created_at > (select created_at from users where id = $1)

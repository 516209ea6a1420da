delete from directory_users where user_id = $1

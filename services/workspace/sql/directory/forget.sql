delete from directory_members where user_id = $1

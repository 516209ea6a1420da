select email, name from people where user_id = $1

select email from people where user_id = $1

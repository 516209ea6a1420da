delete from passkey_challenges where session_id in (select id from sessions where user_id = $1)

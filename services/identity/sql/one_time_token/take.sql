-- Of two who follow the same link at once one gets it.
delete from one_time_tokens
where sha256 = $1 and expires_at > $2
returning purpose, user_id, sign_up_id, email

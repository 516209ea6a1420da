delete from mails where user_id = $1 or recipient = $2

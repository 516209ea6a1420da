-- Whoever claims it has it for as long as the pause: of two processes the second finds that its time has moved.
update mails
set attempts = attempts + 1, next_at = $2
where id = (select id from mails where next_at <= $1 order by next_at, id limit 1) and next_at <= $1
returning id, kind, recipient, user_id, sign_up_id, facts, attempts, expires_at

-- Long after the minute in which it was asked for.
delete from mails
where expires_at <= $1

-- To a later time; to none once it has left, or was given up.
update mails
set next_at = $2
where id = $1

-- What was looked at is not needed any more: only that it came.
update notifications set look_at = $3, tries = tries + 1, body = case when $4 then $5 else body end
where provider = $1 and notification_id = $2

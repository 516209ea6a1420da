update notifications set look_at = $3, tries = tries + 1 where provider = $1 and notification_id = $2

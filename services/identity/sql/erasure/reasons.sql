-- Who acted for them and when stays; what was said of them goes.
update impersonations set reason = '' where user_id = $1

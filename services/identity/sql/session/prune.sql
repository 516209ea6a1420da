delete from sessions
where last_used_at < $1

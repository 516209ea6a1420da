delete from sessions
where last_used_at < $1
    and not exists (select 1 from impersonations i where i.id = sessions.id and i.ended_at is null)

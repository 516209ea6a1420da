insert into platform_audit (id, at, actor, action, subject, request_id, facts)
values ($1, $2, $3, $4, $5, $6, $7)

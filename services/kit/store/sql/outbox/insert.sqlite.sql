-- SQLite has one writer at a time: positions rise in commit order by themselves.
insert into outbox (id, kind, workspace_id, subject, actor, at, request_id, payload)
values ($1, $2, $3, $4, $5, $6, $7, $8)

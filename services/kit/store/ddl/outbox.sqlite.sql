create table outbox (
    -- autoincrement: a position is never given twice, not even after the newest row was deleted
    position integer primary key autoincrement,
    id blob not null unique,
    kind text not null,
    workspace_id blob,
    subject text not null,
    actor text not null,
    at integer not null,
    request_id text not null,
    payload text not null
);

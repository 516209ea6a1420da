-- Until when each process may admit from what it holds of counters, without asking Redis.
-- global: counter_leases
create table counter_leases (
    id text primary key,
    -- In which its shares were given.
    epoch text not null,
    -- Milliseconds since 1970.
    until integer not null,
    -- It has admitted from them, and Redis may not know.
    used boolean not null
);

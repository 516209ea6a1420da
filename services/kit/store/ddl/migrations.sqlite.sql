create table if not exists schema_migrations (
    position integer primary key,
    name text not null,
    checksum text not null,
    applied_at text not null default current_timestamp
);

-- global: feed_positions

-- What a key may call and from where it may be used: arrays of text; null is anything and anywhere.
alter table api_keys add column allowed_models text;
alter table api_keys add column allowed_ips text;
-- A key that was rotated has another text; the one before works until its time is over.
alter table api_keys add column previous_sha256 blob;
alter table api_keys add column previous_until integer;
alter table api_keys add column rotated_at integer;
create unique index api_keys_previous on api_keys (previous_sha256);
-- Keys end with the membership of whoever answers for them.
create index api_keys_of_user on api_keys (workspace_id, user_id);

-- How far each followed feed has been applied.
create table feed_positions (
    source text primary key,
    position integer not null
);

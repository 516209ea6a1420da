create table replays (
    -- who asked, and for what
    principal text not null,
    operation text not null,
    -- of the Idempotency-Key, so that its length and what clients write into it are of no account
    key_sha256 blob not null,
    -- sealed: a digest of the request, and the answer; empty while its transaction has not committed
    answer blob not null,
    created_at integer not null,
    primary key (principal, operation, key_sha256)
);
create index replays_created on replays (created_at);

-- Answers of models that are given again under an Idempotency-Key, for a day.
--
-- tenant: answers

create table answers (
    workspace_id uuid not null references workspaces (workspace_id),
    -- Of who asked and of the Idempotency-Key.
    key_sha256 bytea not null,
    -- The request that holds the place.
    holder uuid not null,
    -- The answer is known. Until then its request is under way.
    done boolean not null,
    -- A digest of the request and the answer, sealed with the workspace's data key: deleting that erases them.
    sealed bytea not null,
    -- From then on somebody else may have the place.
    until timestamptz not null,
    primary key (workspace_id, key_sha256)
);
create index answers_until on answers (until);

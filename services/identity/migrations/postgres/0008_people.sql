-- global: erasures
-- global: consents

-- People who asked to be erased and are not yet. The row goes with its person.
create table erasures (
    user_id uuid primary key,
    asked_at timestamptz not null,
    -- when to go on with one whose process has died
    next_at timestamptz not null
);
create index erasures_next on erasures (next_at);

-- Who agreed to which version of which text. Rows are only added. They outlive the person as the proof that they agreed, with
-- their id and without their address: no reference to `users`.
create table consents (
    id uuid primary key,
    user_id uuid not null,
    kind text not null,
    version text not null,
    url text not null,
    accepted_at timestamptz not null,
    -- from where; null: not known, or the person was erased
    address text,
    unique (user_id, kind, version)
);

-- What somebody agreed to whose account does not exist yet.
alter table sign_ups add column consents jsonb;
alter table sign_ups add column address text;

-- Keys end with the person who answers for them, in whichever workspace.
create index api_keys_of_person on api_keys (user_id);

-- What was published of a person is found at their end.
create index outbox_of_people on outbox (subject) where workspace_id is null;

-- global: totp_factors
-- global: recovery_codes

-- Since when a second factor is asked for; null: none is.
alter table users add column mfa_enabled_at timestamptz;
-- When a second factor was shown in the session, the last time; null: never.
alter table sessions add column mfa_at timestamptz;
-- From where somebody was logged in, also in sessions that have ended.
create index sessions_of_user on sessions (user_id, last_used_at);

-- An authenticator app (RFC 6238), one for each account.
create table totp_factors (
    user_id uuid primary key references users (id),
    -- sealed: 20 bytes
    secret bytea not null,
    created_at timestamptz not null,
    -- null while nobody has shown that the app has it: it counts for nothing then
    confirmed_at timestamptz,
    -- the half minute of the last code that was taken: none before it is
    last_step bigint not null
);

-- Codes for whoever has lost the app. A row goes away when its code is used.
create table recovery_codes (
    user_id uuid not null references users (id),
    -- of 120 bits of chance
    sha256 bytea not null,
    primary key (user_id, sha256)
);

-- global: mails
-- global: one_time_tokens
-- global: sign_ups

alter table users add column email_verified_at timestamptz;

-- Letters that are to be sent. What is secret in one is made when it is sent, so nothing here is. Whether the recipient
-- has an account is found out then, too: whoever asks for a letter learns nothing by the time that the answer takes.
create table mails (
    id uuid primary key,
    kind text not null,
    recipient text not null,
    -- whose account it is about, where that is known
    user_id uuid,
    -- which sign-up it is about
    sign_up_id uuid,
    -- what the letter says beside, nothing of it secret
    facts jsonb not null,
    -- the minute in which it was asked for: the same letter goes to the same address once in it
    slot bigint not null,
    attempts bigint not null,
    -- null once it has left, or was given up: the row stays until its end, so that the minute is remembered
    next_at timestamptz,
    expires_at timestamptz not null,
    unique (kind, recipient, slot)
);
create index mails_next on mails (next_at);

-- What links in letters hold, once.
create table one_time_tokens (
    sha256 bytea primary key,
    -- what it is good for, and nothing else
    purpose text not null,
    user_id uuid references users (id),
    sign_up_id uuid,
    -- the address to which it was sent
    email text not null,
    expires_at timestamptz not null
);
create index one_time_tokens_user on one_time_tokens (user_id);
create index one_time_tokens_expires on one_time_tokens (expires_at);

-- Sign-ups whose address is not confirmed yet. They become an account when it is: until then the address belongs to nobody.
create table sign_ups (
    id uuid primary key,
    email text not null,
    password_hash text not null,
    name text not null,
    locale text not null,
    workspace_name text not null,
    expires_at timestamptz not null
);
create index sign_ups_expires on sign_ups (expires_at);

-- global: passkeys
-- global: passkey_challenges

-- Keys on devices that open an account. Only their public halves are here.
create table passkeys (
    id uuid primary key,
    user_id uuid not null references users (id),
    -- what the device calls it; unguessable
    credential_id bytea not null unique,
    -- the public key and what else was said of it, as webauthn-rs writes it
    credential jsonb not null,
    -- how often it was used as the device counts; 0 where it does not
    sign_count bigint not null,
    backup_eligible boolean not null,
    backed_up boolean not null,
    aaguid text not null,
    transports jsonb not null,
    name text not null,
    created_at timestamptz not null,
    last_used_at timestamptz
);
create index passkeys_user on passkeys (user_id);

-- What was asked of devices, until somebody answers; for minutes.
create table passkey_challenges (
    sha256 bytea primary key,
    -- add, step_up: of one session; sign_in: of nobody yet
    purpose text not null,
    session_id uuid,
    state jsonb not null,
    expires_at timestamptz not null
);
create index passkey_challenges_expires on passkey_challenges (expires_at);

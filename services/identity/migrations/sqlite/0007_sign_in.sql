-- global: user_identities
-- global: sign_in_flows

-- Accounts elsewhere that open an account here.
create table user_identities (
    id blob primary key,
    user_id blob not null references users (id),
    -- its name in the configuration at that time
    provider text not null,
    -- Who says so, and whom they mean: nothing else tells an account from others. Addresses change hands.
    issuer text not null,
    subject text not null,
    -- the address that the provider last told
    email text,
    created_at integer not null,
    last_used_at integer,
    unique (issuer, subject)
);
create index user_identities_user on user_identities (user_id);

-- Sign-ins under way, from the first redirect until somebody has exchanged the code. They live for minutes.
create table sign_in_flows (
    id blob primary key,
    provider text not null,
    -- away (the person is at the provider), asking (the provider is asked), back (a code is out), code (a second factor is missing)
    stage text not null,
    -- of the state while away, of the code once back
    key_sha256 blob not null unique,
    -- of what the browser keeps
    browser_sha256 blob not null,
    -- of a secret that the client keeps; null: the browser's counts
    challenge text,
    redirect_to text,
    -- sealed: nonce and PKCE verifier while away, whom the provider named once back
    held blob not null,
    expires_at integer not null
);
create index sign_in_flows_expires on sign_in_flows (expires_at);

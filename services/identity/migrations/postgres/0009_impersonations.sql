-- global: impersonations

-- Operators of the platform who act for somebody: each a session of that person, which says nothing of who opened it. A row stays
-- when its session is forgotten.
create table impersonations (
    -- that of the session
    id uuid primary key,
    operator_id uuid not null,
    -- with which it ends
    operator_session_id uuid not null,
    -- for whom
    user_id uuid not null,
    -- where, and nowhere else; null for people who are in none
    chosen_workspace_id uuid,
    -- as the person and the owners of the workspace read it
    reason text not null,
    may_write boolean not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    ended_at timestamptz,
    -- in one word
    end_reason text
);
create index impersonations_live on impersonations (expires_at) where ended_at is null;
create index impersonations_user on impersonations (user_id, id);

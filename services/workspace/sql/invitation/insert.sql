-- An open invitation of the same address inserts nothing.
insert into invitations (invitation_id, workspace_id, email, role, locale, invited_by, created_at, expires_at, generation,
    token_sha256, asked_at, attempts, next_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $7, 0, $7)
on conflict do nothing

insert into sso_connections
    (id, workspace_id, issuer, client_id, client_secret, enforced, default_role, provision, created_at, updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)

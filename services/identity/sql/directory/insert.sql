-- Whoever was deleted comes back under the version that follows, so that what comes late of before is overtaken.
insert into directory_users
    (workspace_id, user_id, user_name, external_id, display_name, formatted_name, given_name, family_name, emails, active,
    role, asked_scopes, next_at, made_account, role_before, version, pending, undo, created_at, updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, '', 1, true, null, $15, $15)
on conflict (workspace_id, user_id) do update
set user_name = excluded.user_name, external_id = excluded.external_id, display_name = excluded.display_name,
    formatted_name = excluded.formatted_name, given_name = excluded.given_name, family_name = excluded.family_name,
    emails = excluded.emails, active = excluded.active, role = excluded.role, asked_scopes = excluded.asked_scopes,
    next_at = excluded.next_at, version = directory_users.version + 1, pending = true, undo = null,
    created_at = excluded.created_at, updated_at = excluded.updated_at, deleted_at = null
where directory_users.deleted_at is not null

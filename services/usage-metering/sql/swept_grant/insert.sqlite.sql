-- The fields of a grant that was swept, in their order; repeated for several.
insert into swept_grants (workspace_id, request_id, attempt, reserved, swept_at)
values ($1, $2, $3, $4, $5)
on conflict (workspace_id, request_id, attempt) do nothing

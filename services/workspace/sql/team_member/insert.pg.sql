insert into team_members (team_id, workspace_id, user_id, added_at)
select $2, $1, cast(value as uuid), $4 from jsonb_array_elements_text($3) as a (value)

delete from team_members
where workspace_id = $1 and team_id = $2
    and user_id in (select cast(value as uuid) from jsonb_array_elements_text($3) as a (value))

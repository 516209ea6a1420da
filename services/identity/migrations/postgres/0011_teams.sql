-- The team of whose limits a key is, for good; null: it is of none. Workspace has the teams.
alter table api_keys add column team_id uuid;
create index api_keys_of_team on api_keys (workspace_id, team_id) where team_id is not null;

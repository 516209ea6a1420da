-- The team of the key, which is of one for good; null: it is of none. In roll-ups it follows from the key, so that it is no part of
-- their keys: sums by team, and the counters of its limits, are made of them.
alter table open_grants add column team_id blob;
alter table ledger add column team_id blob;
alter table request_logs add column team_id blob;
alter table usage_minutes add column team_id blob;
alter table usage_quarters add column team_id blob;
alter table usage_spans add column team_id blob;
create index request_logs_by_team on request_logs (workspace_id, team_id, id) where team_id is not null;

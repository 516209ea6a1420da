-- Forced, so that it holds for the owner too. The settings are read once per statement (as subqueries), not per row.
alter table {table} enable row level security;
alter table {table} force row level security;
drop policy if exists fence on {table};
create policy fence on {table} using (
    workspace_id = (select nullif(current_setting('perpetuo.workspace', true), '')::uuid)
    or (select current_setting('perpetuo.system', true)) <> ''
);

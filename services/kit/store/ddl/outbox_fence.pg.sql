-- Every transaction may publish; only the system reads what was published.
alter table {table} enable row level security;
alter table {table} force row level security;
drop policy if exists emit on {table};
create policy emit on {table} for insert with check (true);
drop policy if exists feed on {table};
create policy feed on {table} for select using ((select current_setting('perpetuo.system', true)) <> '');
drop policy if exists prune on {table};
create policy prune on {table} for delete using ((select current_setting('perpetuo.system', true)) <> '');

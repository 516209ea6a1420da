-- A login that may read what dashboards of a workspace show, and nothing else. Run as the user who migrates
-- (database.admin_url), after `perpetuo migrate`; again after an upgrade does no harm.
--
--   psql "$ADMIN_URL" -v login=grafana -f deploy/grafana/reader.sql          reads the sums of every workspace
--   psql "$ADMIN_URL" -v login=grafana_acme -v workspace=<uuid> -f …         reads those of this one only
--
-- Then give it a password: psql "$ADMIN_URL" -c '\password grafana'.
--
-- Whoever may use a data source of Grafana, viewers too, may send any statement through it. So what keeps workspaces
-- apart here is the login, and not a filter in a dashboard nor a setting that a statement could change: show the first
-- kind to operators only, and give people of a workspace the second.
\set ON_ERROR_STOP on
begin;

-- The rights are those of a role that nobody logs in as, so that several logins have the same ones.
select 'create role perpetuo_reader nologin nosuperuser nobypassrls nocreatedb nocreaterole'
where not exists (select from pg_roles where rolname = 'perpetuo_reader') \gexec
select format('create role %I login nosuperuser nobypassrls nocreatedb nocreaterole connection limit 10', :'login')
where not exists (select from pg_roles where rolname = :'login') \gexec
grant perpetuo_reader to :"login";
-- A dashboard that asks for too much must not slow the gateway down.
alter role :"login" set statement_timeout = '15s';
alter role :"login" set default_transaction_read_only = on;

-- Sums only, and of these not who: keys and people of a workspace are nobody else's business.
grant usage on schema usage to perpetuo_reader;
grant select (
    workspace_id, span, face, at, provider, model, currency, requests, attempts, failed,
    input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, audio_input_tokens, image_input_tokens,
    output_tokens, audio_output_tokens, image_output_tokens, cost_nanos, unpriced
) on usage.usage_spans to perpetuo_reader;
grant select (workspace_id, at, resource, events, quantity) on usage.resource_quarters to perpetuo_reader;

-- Row-level security is forced on both tables, and lets through what the setting of a transaction names. A reader has
-- no such setting: this policy is beside that one, for readers and for reading alone.
drop policy if exists reader on usage.usage_spans;
create policy reader on usage.usage_spans for select to perpetuo_reader using (true);
drop policy if exists reader on usage.resource_quarters;
create policy reader on usage.resource_quarters for select to perpetuo_reader using (true);

-- One workspace: restrictive, so that neither policy lets this login see another, whatever it sets.
select format('drop policy if exists %I on usage.%I', 'only ' || :'login', part)
from (values ('usage_spans'), ('resource_quarters')) as parts (part) \gexec
\if :{?workspace}
select format(
    'create policy %I on usage.%I as restrictive for select to %I using (workspace_id = %L::uuid)',
    'only ' || :'login', part, :'login', :'workspace'
)
from (values ('usage_spans'), ('resource_quarters')) as parts (part) \gexec
\endif
commit;

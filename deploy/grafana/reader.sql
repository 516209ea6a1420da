-- A login that may read what the dashboard of a workspace shows, and nothing else. Run it as the user who migrates
-- (database.admin_url), after `perpetuo migrate`; again does no harm, and changes what the login may see.
--
--   psql "$ADMIN_URL" -v login=grafana -f deploy/grafana/reader.sql          reads the sums of every workspace
--   psql "$ADMIN_URL" -v login=grafana_acme -v workspace=ws_… -f …           reads those of this one only
--
-- Then give it a password: psql "$ADMIN_URL" -c '\password grafana'.
--
-- Whoever may use a data source of Grafana, viewers too, may send any statement through it. So what keeps workspaces
-- apart here is the login, and not a filter in a dashboard nor a setting that a statement could change: show the first
-- kind to operators only, and give people of a workspace the second.
\set ON_ERROR_STOP on
begin;
-- The tables are locked for a moment: rather fail and be run again than hold up the ledger.
set local lock_timeout = '3s';

select format('create role %I login nosuperuser nobypassrls nocreatedb nocreaterole connection limit 10', :'login')
where not exists (select from pg_roles where rolname = :'login') \gexec
-- A dashboard that asks for too much must not slow the gateway down.
alter role :"login" set statement_timeout = '15s';
alter role :"login" set default_transaction_read_only = on;

-- Sums only, and of these not who: keys and people of a workspace are nobody else's business. The rights are the
-- login's own: of a role with rights it would be a member, and could put on that role instead of its own limits.
grant usage on schema usage to :"login";
grant select (
    workspace_id, span, face, at, provider, model, currency, requests, attempts, failed,
    input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, audio_input_tokens, image_input_tokens,
    output_tokens, audio_output_tokens, image_output_tokens, cost_nanos, unpriced
) on usage.usage_spans to :"login";
grant select (workspace_id, at, resource, events, quantity) on usage.resource_quarters to :"login";

-- Row-level security is forced on both tables, and lets through what a setting of the transaction names. Readers have
-- no such setting: `reads` is beside that policy, for this login and for reading alone. `only` is restrictive, so that
-- neither lets it see another workspace, whatever it sets.
\if :{?workspace}
select :'workspace' ~ '^ws_[0-7][0-9a-hjkmnp-tv-z]{25}$' as is_an_id \gset
\if :is_an_id
\else
do $$ begin raise exception 'workspace: give its id, such as ws_01k8zr3v9tbx4q7m2n5p6s8w0y'; end $$;
\endif
-- 26 characters of five bits, of which the first two are none (proto/src/id.rs).
select cast(lpad(to_hex(substr(bits, 3, 64)::bit(64)::bigint), 16, '0')
    || lpad(to_hex(substr(bits, 67, 64)::bit(64)::bigint), 16, '0') as uuid) as workspace
from (
    select string_agg((strpos('0123456789abcdefghjkmnpqrstvwxyz', substr(:'workspace', 3 + n, 1)) - 1)::bit(5)::text, '' order by n) as bits
    from generate_series(1, 26) as n
) as characters \gset
\else
\set workspace ''
\endif
select format('drop policy if exists %I on usage.%I', kind || ' ' || :'login', name)
from (values ('usage_spans'), ('resource_quarters')) as tables (name), (values ('reads'), ('only')) as kinds (kind) \gexec
select format(
    'create policy %I on usage.%I as %s for select to %I using (%s)',
    kind || ' ' || :'login', name, case kind when 'only' then 'restrictive' else 'permissive' end, :'login',
    case when :'workspace' = '' then 'true' else format('workspace_id = %L::uuid', :'workspace') end
)
from (values ('usage_spans'), ('resource_quarters')) as tables (name), (values ('reads'), ('only')) as kinds (kind) \gexec
commit;

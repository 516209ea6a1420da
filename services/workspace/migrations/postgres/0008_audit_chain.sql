-- The trail of each workspace is a chain: each entry's digest covers its place, all that it says, and the digest before.
--
-- tenant: audit_heads

-- Place and digest. Null: written by an earlier release, and chained within the hour.
alter table audit_events add column seq bigint;
alter table audit_events add column hash bytea;
create unique index audit_events_chain on audit_events (workspace_id, seq);
create index audit_events_unchained on audit_events (workspace_id, event_id) where seq is null;

-- Where each chain ends, signed: whoever cuts an end off cannot sign the new one.
create table audit_heads (
    workspace_id uuid primary key,
    seq bigint not null,
    hash bytea not null,
    at timestamptz not null,
    signature bytea not null
);

-- What is in the chain stays as it is, whatever a statement says.
create function audit_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'entries of the audit trail are not changed or deleted';
end
$$;
create trigger audit_append_only before update on audit_events for each row
when (old.seq is not null) execute function audit_is_append_only();
create trigger audit_kept before delete on audit_events for each row
execute function audit_is_append_only();

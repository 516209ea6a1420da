-- What operators did to the plans, coupons and codes that are everybody's.
--
-- global: platform_audit

-- For ever: rows are added, never changed. What happens to a workspace is in that workspace's own trail.
create table platform_audit (
    id uuid primary key,
    at timestamptz not null,
    -- `usr_…`; `service:billing` for what the settings say
    actor text not null,
    action text not null,
    -- The id or name of what it was done to.
    subject text not null,
    request_id text not null,
    facts jsonb not null
);
create function platform_audit_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'entries of this trail are not changed or deleted';
end
$$;
create trigger platform_audit_kept before update or delete on platform_audit for each row
execute function platform_audit_is_append_only();

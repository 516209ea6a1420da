-- What operators did to the plans, coupons and codes that are everybody's.
--
-- global: platform_audit

-- For ever: rows are added, never changed. What happens to a workspace is in that workspace's own trail.
create table platform_audit (
    id blob primary key,
    at integer not null,
    -- `usr_…`; `service:billing` for what the settings say
    actor text not null,
    action text not null,
    -- The id or name of what it was done to.
    subject text not null,
    request_id text not null,
    facts text not null
);
create trigger platform_audit_append_only before update on platform_audit for each row
begin
    select raise(abort, 'entries of this trail are not changed or deleted');
end;
create trigger platform_audit_kept before delete on platform_audit for each row
begin
    select raise(abort, 'entries of this trail are not changed or deleted');
end;

-- What operators did stays as it is, whatever a statement says.
create trigger platform_audit_append_only before update on platform_audit for each row
begin
    select raise(abort, 'entries of this trail are not changed or deleted');
end;
create trigger platform_audit_kept before delete on platform_audit for each row
begin
    select raise(abort, 'entries of this trail are not changed or deleted');
end;

-- Neither does what people agreed to, but for where they did so, which goes with them.
create trigger consents_kept before delete on consents for each row
begin
    select raise(abort, 'what somebody agreed to is not changed or deleted');
end;
create trigger consents_append_only before update on consents for each row
when new.address is not null or old.id is not new.id or old.user_id is not new.user_id or old.kind is not new.kind
    or old.version is not new.version or old.url is not new.url or old.accepted_at is not new.accepted_at
begin
    select raise(abort, 'what somebody agreed to is not changed or deleted');
end;

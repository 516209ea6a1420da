-- What operators did stays as it is, whatever a statement says.
create function platform_audit_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'entries of this trail are not changed or deleted';
end
$$;
create trigger platform_audit_kept before update or delete on platform_audit for each row
execute function platform_audit_is_append_only();

-- Neither does what people agreed to, but for where they did so, which goes with them.
create function consents_are_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'what somebody agreed to is not changed or deleted';
end
$$;
create trigger consents_kept before delete on consents for each row execute function consents_are_append_only();
create trigger consents_append_only before update on consents for each row
when (new.address is not null or (old.id, old.user_id, old.kind, old.version, old.url, old.accepted_at)
    is distinct from (new.id, new.user_id, new.kind, new.version, new.url, new.accepted_at))
execute function consents_are_append_only();

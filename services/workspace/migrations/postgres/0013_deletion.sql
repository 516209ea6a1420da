-- A workspace that its owner deletes is closed at once, and goes with all its rows when its days of grace are over.
alter table workspaces add column deleted_at timestamptz;
-- Until when it can be restored; null: nobody has deleted it.
alter table workspaces add column purge_at timestamptz;
create index workspaces_doomed on workspaces (purge_at) where purge_at is not null;

-- The trail is kept for as long as its workspace is.
create function audit_is_kept() returns trigger language plpgsql as $$
begin
    if exists (select from workspace.workspaces w where w.workspace_id = old.workspace_id) then
        raise exception 'entries of the audit trail are not changed or deleted';
    end if;
    return old;
end
$$;
drop trigger audit_kept on audit_events;
create trigger audit_kept before delete on audit_events for each row execute function audit_is_kept();

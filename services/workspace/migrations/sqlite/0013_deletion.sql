-- A workspace that its owner deletes is closed at once, and goes with all its rows when its days of grace are over.
alter table workspaces add column deleted_at integer;
-- Until when it can be restored; null: nobody has deleted it.
alter table workspaces add column purge_at integer;
create index workspaces_doomed on workspaces (purge_at) where purge_at is not null;

-- The trail is kept for as long as its workspace is.
drop trigger audit_kept;
create trigger audit_kept before delete on audit_events for each row
when exists (select 1 from workspaces w where w.workspace_id = old.workspace_id)
begin
    select raise(abort, 'entries of the audit trail are not changed or deleted');
end;

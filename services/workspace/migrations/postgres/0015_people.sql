-- What somebody has done, in whichever workspace, is theirs to take along; and who goes takes the invitations to their address along.
create index audit_events_of_actor on audit_events (actor, event_id);
create index invitations_of_address on invitations (email);

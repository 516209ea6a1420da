-- Across tenants: the address is the predicate.
delete from invitations where email = $1

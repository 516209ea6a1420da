-- Across tenants: the person is the predicate.
delete from invitations
where email in (select p.email from people p where p.user_id = $1 and p.email <> '')

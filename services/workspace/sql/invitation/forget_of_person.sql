-- Across tenants: the person is the predicate.
delete from invitations
where created_at <= $2 and email in (select p.email from people p where p.user_id = $1 and p.email <> '')

-- How many have it, and how many may come to have it: an invitation that has expired may be sent again.
select
    (select count(*) from members m where m.workspace_id = $1 and m.role = $2) as members,
    (select count(*) from invitations i
        where i.workspace_id = $1 and i.role = $2 and i.accepted_at is null and i.revoked_at is null) as invitations

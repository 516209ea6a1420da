-- How many were written to since then. Those that were withdrawn meanwhile count too.
select count(*) as letters from invitations where workspace_id = $1 and asked_at > $2

-- A version that somebody else has just published is not published again.
insert into plans (name, version, source, digest, data, created_at) values ($1, $2, $3, $4, $5, $6)
on conflict (name, version) do nothing

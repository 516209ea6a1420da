-- Inserts nothing where somebody else has just published a version of this number.
insert into plans (name, version, source, digest, data, created_at, told) values ($1, $2, $3, $4, $5, $6, $7)
on conflict (name, version) do nothing

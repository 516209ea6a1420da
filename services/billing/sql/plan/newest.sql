select version, source, digest, data, created_at from plans where name = $1 order by version desc limit 1

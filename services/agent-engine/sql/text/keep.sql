insert into texts (hash, body) values ($1, $2) on conflict (hash) do nothing

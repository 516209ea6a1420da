select kid, generation, public_key, private_key, active_from, retire_at
from signing_keys
where retire_at is null or retire_at > $1
order by generation

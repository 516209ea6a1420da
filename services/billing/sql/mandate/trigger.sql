-- Somebody says that something has happened to it: the provider is asked.
update mandates set look_at = $3 where provider = $1 and reference = $2 and status <> 'ended'

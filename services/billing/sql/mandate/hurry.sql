update mandates set look_at = $2 where provider = $1 and status <> 'ended'

update mandates set look_at = $3 where workspace_id = $1 and mandate_id = $2 and status <> 'ended'

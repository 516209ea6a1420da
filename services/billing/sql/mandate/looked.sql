-- What has ended does not begin again, whoever asked earlier.
update mandates set reference = $3, status = $4, instructions = $5, look_at = $6
where workspace_id = $1 and mandate_id = $2 and status <> 'ended'

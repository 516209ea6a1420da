-- What has ended does not begin again, whoever asked earlier. Of two who have had one made at once, the first is kept: another name
-- takes its place only where that is the one ($7) which the provider was asked for.
update mandates set reference = coalesce($3, reference), status = $4, instructions = $5, look_at = $6
where workspace_id = $1 and mandate_id = $2 and status <> 'ended' and (reference is null or reference = $3 or reference = $7)

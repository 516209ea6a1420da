-- Whosever it is.
select workspace_id, status from disputes where provider = $1 and reference = $2

-- Of the tries up to $4 all but $3.
delete from export_chunks
where workspace_id = $1 and export_id = $2 and try <> $3 and try <= $4

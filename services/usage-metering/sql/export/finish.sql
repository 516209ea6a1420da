-- What is written may be delivered from now on; what failed is never delivered, so that its credential goes.
update exports
set
    status = $4, row_count = $5, byte_count = $6, error = $7, finished_at = $8, expires_at = $9, deliver_at = $8,
    delivery = case when $4 = 'failed' and delivery = 'waiting' then 'failed' else delivery end,
    credential = case when $4 = 'failed' then null else credential end
where workspace_id = $1 and id = $2 and tries = $3 and status = 'running'

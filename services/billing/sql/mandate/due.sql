select workspace_id, mandate_id, provider from mandates where look_at <= $1 order by look_at limit 100

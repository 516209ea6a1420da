-- What somebody has told while it was asked for is asked for once more.
update payments
set status = coalesce($3, status), look_at = case when look_at > $5 then look_at else $4 end
where workspace_id = $1 and payment_id = $2

-- What somebody has told while it was asked for is asked for once more. What is over stays what it was: `replaced` lets another one be
-- ordered, `gone` does not.
update payments
set status = case when status in ('gone', 'replaced') and $3 in ('gone', 'replaced') then status else coalesce($3, status) end,
    look_at = case when look_at > $5 then look_at else $4 end
where workspace_id = $1 and payment_id = $2

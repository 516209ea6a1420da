-- All but the $4 newest of one delivery: whoever has it sent again and again keeps no more.
delete from webhook_attempts
where workspace_id = $1 and webhook_id = $2 and delivery_id = $3 and attempt_id <= (
    select a.attempt_id
    from webhook_attempts a
    where a.workspace_id = $1 and a.webhook_id = $2 and a.delivery_id = $3
    order by a.attempt_id desc
    limit 1 offset $4
)

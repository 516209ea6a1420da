-- A page of those for which something is due, after the last one that was seen.
select workspace_id, due_at from subscriptions
where due_at <= $1 and (due_at, workspace_id) > ($2, $3)
order by due_at, workspace_id
limit 100
